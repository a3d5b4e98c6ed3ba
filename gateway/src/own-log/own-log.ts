/**
 * The gateway's own log: what it answers for itself, such as the punches of bands that it challenged. It is kept like
 * any device's, chained, sealed by the gateway's key and committed with all others (SPEC.md, Log, A band at a gateway).
 */
import {
  CborError,
  type CborMap,
  chainHash,
  type ClockReading,
  deviceBody,
  encodeRecord,
  type GatewayClock,
  KIND,
  randomBytes,
  type ReceivedRecord,
  receiveRecord,
  SALT_BYTES,
  SEAL_NONCE_BYTES,
  type SealedRecords,
  signSeal,
  verifySealedRecords,
} from '@timeband/protocol';
import type { Credentials } from '../config/index.js';
import type { Committer, EpochOpening } from '../events/index.js';
import type { Preview } from '../ledger/index.js';
import type { Store } from '../store/index.js';
import { type OwnEnd, refuseOwnEnd, type Standing, standsBack } from '../trust/index.js';
import type { Assessor } from '../verify/index.js';
import { shownOutcome } from './outcome.js';
import { beginStart, type Start } from './start.js';

/** No record of a gateway's own log is longer (SPEC.md, Record). */
const MAX_RECORD_BYTES = 4_096;

export interface OwnLogOptions extends Standing, OwnEnd {
  readonly credentials: Credentials;
  readonly store: Store;
  readonly committer: Pick<Committer, 'submit' | 'isOpen'>;
  readonly assessor: Assessor;
  readonly clock: GatewayClock;
  /** What runs, with its version. */
  readonly firmware: string;
  /** Where the database was restored and nothing was logged since. */
  readonly restored?: EpochOpening | undefined;
}

interface Entry {
  readonly kind: number;
  readonly body: CborMap;
}

/** Where this device is on its own clock. */
type Moment = Pick<Parameters<typeof signSeal>[2], 'boot' | 'uptime' | 'time'>;

/** A record that is durable. */
export interface Logged {
  readonly seq: number;
  /** What it came to. */
  readonly outcome: Preview;
}

export class OwnLog {
  private readonly startedAt: number;
  /** Absent until there is something to log: a gateway without a radio never has. */
  private start: Start | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: OwnLogOptions) {
    this.startedAt = options.clock.look().reading.monotonic;
  }

  /** Whether anything can be logged: our clock may be gone by, the disk takes it, and no other gateway is the site's primary. */
  get isOpen(): boolean {
    return this.reading() !== undefined;
  }

  /**
   * Logs and seals a record. Resolves when it is durable; one at a time, in the order of the calls.
   *
   * @returns nothing where nothing can be logged just now, see {@link isOpen}
   * @throws what leaves its proof in doubt: EvidenceError, CertificateError. This gateway seals nothing that it does not
   * believe. CertificateError once its own certificate is good no longer; CborError `cbor/too-large`, `cbor/shape`;
   * RecordError; the store's error when the commit failed
   */
  log(kind: number, body: CborMap): Promise<Logged | undefined> {
    return this.inTurn(() => this.append([{ kind, body }]));
  }

  /**
   * The same for what may no longer be true when its turn comes.
   *
   * @param body is asked when all that was to be logged before it is durable; nothing where it need not be said
   * @returns nothing as well where it was not said
   */
  logIf(kind: number, body: () => CborMap | undefined): Promise<Logged | undefined> {
    return this.logEach(kind, () => [body()].filter((said) => said !== undefined));
  }

  /** The same for several at once, in one commit. @param bodies is asked when its turn comes; at most 64 */
  logEach(kind: number, bodies: () => readonly CborMap[]): Promise<Logged | undefined> {
    return this.inTurn(async () => {
      const said = bodies().map((body) => ({ kind, body }));
      return said.length === 0 ? undefined : this.append(said);
    });
  }

  /** Logs what a start begins with, where that was not done yet. @throws Error where nothing can be logged just now */
  open(): Promise<void> {
    return this.inTurn(async () => {
      if (this.start?.statements.length === 0) return;
      if ((await this.append([])) === undefined) throw new Error('the log of this gateway is not open');
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async append(entries: readonly Entry[]): Promise<Logged | undefined> {
    const { committer, store, credentials, firmware, restored } = this.options;
    const reading = this.reading();
    if (reading === undefined) return undefined;
    refuseOwnEnd(this.options);
    this.start ??= beginStart(store, credentials.certificate, firmware, restored);
    const { log, boot, statements } = this.start;
    for (const entry of entries) this.refuseDoubt(entry, this.start, reading);
    const first = statements.map((statement) => ({ kind: KIND.device, body: deviceBody(statement) }));
    const { wall, monotonic } = reading;
    const sealed = this.seal(this.start, [...first, ...entries], {
      boot,
      uptime: Math.floor(monotonic - this.startedAt),
      time: { quality: 'set', wall: Math.floor(wall), age: 0 },
    });
    const moment = { asked: wall, answered: wall };
    const committed = await committer.submit({ log, sealed, moment, oscillator: 'crystal' });
    this.start = { log: committed.log, boot, statements: [] };
    const outcome = committed.outcomes.at(-1);
    return outcome && { seq: committed.log.head, outcome: shownOutcome(outcome) };
  }

  private reading(): ClockReading | undefined {
    if (standsBack(this.options) || !this.options.committer.isOpen) return undefined;
    const { state, reading } = this.options.clock.look();
    return state === 'unset' ? undefined : reading;
  }

  private refuseDoubt(entry: Entry, { log }: Start, { wall }: ClockReading): void {
    const time = { earliest: Math.floor(wall), latest: Math.ceil(wall) };
    const { doubt } = this.options.assessor.preview(entry, log, time);
    if (doubt !== undefined) throw doubt;
  }

  private seal({ log }: Start, entries: readonly Entry[], moment: Moment): SealedRecords {
    const { key, certificate } = this.options.credentials;
    const records = entries.map((entry, i) => record(entry, log.head + 1 + i, moment));
    const nonce = randomBytes(SEAL_NONCE_BYTES);
    const seal = signSeal(key, certificate.site, {
      logId: log.logId,
      first: log.head + 1,
      last: log.head + records.length,
      hashBefore: log.hash,
      hashLast: records.reduce((hash, { bytes }) => chainHash(hash, bytes), log.hash),
      nonce,
      ...moment,
    });
    return verifySealedRecords(seal, certificate.key, certificate.site, nonce, log, records);
  }
}

function record({ kind, body }: Entry, seq: number, moment: Moment): ReceivedRecord {
  const bytes = encodeRecord({ kind, seq, ...moment, salt: randomBytes(SALT_BYTES), body });
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new CborError('cbor/too-large', `a record of ${bytes.length} bytes for the gateway's own log`);
  }
  return receiveRecord(bytes, seq);
}
