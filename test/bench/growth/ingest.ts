/** What follows the link, on a database of any size: readers' sealed records verified, committed and made events. */
import { Assessor, Bands, Committer, EventLog, Store, Visits } from '@timeband/gateway';
import type { TrustStore } from '@timeband/protocol';
import { type Certificate, type KnownProof, PrivateKey, randomBytes, signAnswer } from '@timeband/protocol';
import { BenchLog, type SentRecords, type StoredLog } from './bench-log.js';

const READERS = 8;
/** Records under one seal: eight readers make a commit of 400. */
const SEAL_RECORDS = 50;
/** One of so many taps is by a band that answers with its key; the others are tags' numbers. */
const ANSWERS_ONE_IN = 10;

export interface IngestSite {
  readonly site: string;
  readonly trust: TrustStore;
  readonly key: PrivateKey;
  readonly certificate: Certificate;
  readonly deviceKey: PrivateKey;
  readonly certify: (device: string, role: 'reader' | 'band', key: PrivateKey) => Certificate;
}

interface Reader {
  readonly device: string;
  readonly bandKey: PrivateKey;
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
  private readonly readers: readonly Reader[];

  constructor(
    file: string,
    private readonly options: IngestSite,
  ) {
    const { site, trust, key, certificate, deviceKey, certify } = options;
    this.store = new Store(file);
    const { store } = this;
    const answering = Array.from({ length: READERS }, () => PrivateKey.generate());
    const certificates = answering.map((bandKey, i) => certify(`band-of-${i + 1}`, 'band', bandKey).bytes);
    const bands = new Bands({ site, store, trust, certificates });
    this.committer = new Committer({
      ...{ store, events: new EventLog(store, key, certificate), visits: new Visits(store) },
      assessor: new Assessor({ site, store, bands }),
      wallClock: () => Date.now() / 1_000,
      committed: () => undefined,
      unreadable: (device, seq, error) => {
        throw new Error(`record ${seq} of ${device}: ${error.message}`);
      },
      timed: (ms) => this.transactions.push(ms),
    });
    this.readers = answering.map((bandKey, i) => {
      const reader = certify(`reader-${i + 1}`, 'reader', deviceKey);
      const made = new BenchLog(site, reader, deviceKey);
      return { bandKey, device: reader.subject, made, log: made.open(store) };
    });
  }

  /** Has the readers make what they will send, which is not what is measured. */
  prepare(rounds: number): readonly Round[] {
    return Array.from({ length: rounds }, () =>
      this.readers.map((reader) =>
        reader.made.next(SEAL_RECORDS, (seq) =>
          seq % ANSWERS_ONE_IN === 0 ? this.answer(reader, seq) : undefined,
        ),
      ),
    );
  }

  /** @returns records a second */
  async take(rounds: readonly Round[]): Promise<number> {
    const started = performance.now();
    let records = 0;
    for (const round of rounds) {
      await Promise.all(
        this.readers.map(async (reader, i) => {
          const sent = round[i];
          if (sent === undefined) return;
          records += sent.records.length;
          const now = Math.floor(Date.now() / 1_000);
          const sealed = reader.made.verify(sent, reader.log);
          const batch = { log: reader.log, sealed, moment: { asked: now, answered: now } };
          reader.log = (await this.committer.submit(batch)).log;
        }),
      );
    }
    return records / ((performance.now() - started) / 1_000);
  }

  /** Of a band that is held to this reader alone, whose counter grows with the reader's log. */
  private answer({ device, bandKey }: Reader, seq: number): KnownProof {
    const direction = seq % 2 === 0 ? 'in' : 'out';
    const challenge = { what: 'punch', challenger: device, service: 101, direction } as const;
    const given = { ...challenge, nonce: randomBytes(16), counter: seq, sincePress: 1 };
    return { kind: 'answer', message: signAnswer(bandKey, this.options.site, given) };
  }
}
