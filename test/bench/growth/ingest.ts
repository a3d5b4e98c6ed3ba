/** What follows the link, on a database of any size: readers' sealed records verified, committed, made events and posted. */
import {
  Assessor,
  Bands,
  caseCourses,
  Committer,
  EventLog,
  Ledger,
  LogTree,
  Matters,
  MEAL_DAYS,
  Store,
  Visits,
} from '@timeband/gateway';
import { type KnownProof, PrivateKey, randomBytes, signAnswer } from '@timeband/protocol';
import { BenchLog, type SentRecords, type StoredLog } from '../community/bench-log.js';
import { ANSWERING, comeAndGo, SERVICE, STAY_SECONDS } from '../community/residents.js';
import type { CommunitySite } from '../community/site.js';

/** One of so many taps is by a band that answers with its key; the others are tags' numbers. */
const ANSWERS_ONE_IN = 10;

/** Of the tree, in one transaction. */
const TILES_AT_ONCE = 64;

/** Their seals of 50 come together. */
const READERS = 8;

interface Reader {
  readonly device: string;
  /** Of bands that are held to this reader alone, so that what each of them counts comes in order. */
  readonly bandKeys: readonly PrivateKey[];
  readonly made: BenchLog;
  log: StoredLog;
}

/** What all readers send in one go. */
export type Round = readonly SentRecords[];

export class Ingest {
  readonly store: Store;
  /** Milliseconds of each transaction. */
  readonly transactions: number[] = [];
  private readonly committer: Committer;
  private readonly events: EventLog;
  private readonly readers: readonly Reader[];
  private turn = 0;
  private counter = 1;
  /** Unix seconds: what happens in an hour is taken in within milliseconds. */
  private now: number;

  constructor(
    file: string,
    private readonly options: CommunitySite,
  ) {
    const { site, trust, key, certificate, deviceKey, certify, since } = options;
    this.now = since;
    this.store = new Store(file);
    const { store } = this;
    const ledger = new Ledger({ store, timeZone: 'Asia/Shanghai' });
    ledger.catchUp();
    const also = [MEAL_DAYS, caseCourses(store)];
    const matters = new Matters({ store, ledger, gateway: certificate.subject, also });
    const answering = ANSWERING.map((band) => ({ band, bandKey: PrivateKey.generate() }));
    const certificates = answering.map(({ band, bandKey }) => certify(band, 'band', bandKey).bytes);
    const bands = new Bands({ site, store, trust, certificates });
    this.events = new EventLog(store, key, certificate);
    this.committer = new Committer({
      ...{ store, ledger, matters, events: this.events, visits: new Visits(store) },
      assessor: new Assessor({ site, store, bands }),
      wallClock: () => this.now,
      committed: () => undefined,
      unreadable: (device, seq, error) => {
        throw new Error(`record ${seq} of ${device}: ${error.message}`);
      },
      timed: (ms) => this.transactions.push(ms),
    });
    this.readers = Array.from({ length: READERS }, (_, i) => {
      const bandKeys = answering.flatMap(({ bandKey }, band) => (band % READERS === i ? [bandKey] : []));
      const reader = certify(`reader-${i + 1}`, 'reader', deviceKey);
      const made = new BenchLog(site, reader, deviceKey);
      return { bandKeys, device: reader.subject, made, log: made.open(store) };
    });
  }

  /** Has the readers make what they will send, which is not what is measured. */
  prepare(rounds: number): readonly Round[] {
    return Array.from({ length: rounds }, () =>
      this.readers.map((reader) =>
        reader.made.next(
          comeAndGo(this.turn++, (resident, out) =>
            resident % ANSWERS_ONE_IN === 0 ? this.answer(reader, resident, out) : undefined,
          ),
        ),
      ),
    );
  }

  /** @returns records a second */
  async take(rounds: readonly Round[]): Promise<number> {
    const started = performance.now();
    let records = 0;
    for (const round of rounds) {
      this.now += STAY_SECONDS;
      await Promise.all(
        this.readers.map(async (reader, i) => {
          const sent = round[i];
          if (sent === undefined) return;
          records += sent.records.length;
          const sealed = reader.made.verify(sent, reader.log);
          const batch = { log: reader.log, sealed, moment: { asked: this.now, answered: this.now } };
          reader.log = (await this.committer.submit(batch)).log;
        }),
      );
    }
    return records / ((performance.now() - started) / 1_000);
  }

  /** What a gateway does beside: subtrees over the events. */
  growTree(): void {
    const tree = new LogTree(this.events, this.store.logTree);
    while (tree.grow(this.events.head, TILES_AT_ONCE));
  }

  private answer({ device, bandKeys }: Reader, resident: number, out: boolean): KnownProof {
    const bandKey = bandKeys[Math.floor(resident / ANSWERS_ONE_IN) % bandKeys.length];
    if (bandKey === undefined) throw new RangeError('no band answers');
    const challenge = {
      what: 'punch',
      challenger: device,
      service: SERVICE,
      direction: out ? 'out' : 'in',
    } as const;
    const given = { ...challenge, nonce: randomBytes(16), counter: this.counter++, sincePress: 1 };
    return { kind: 'answer', message: signAnswer(bandKey, this.options.site, given) };
  }
}
