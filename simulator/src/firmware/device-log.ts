/**
 * A device's log over its flash: the chain, how far it was sealed and acknowledged, and a new epoch when what was
 * sealed is gone (SPEC.md, Log, Forks, Flash).
 */
import {
  chainHash,
  decodeRecord,
  equalBytes,
  genesisHash,
  logIdOf,
  type Record,
  TimebandError,
} from '@timeband/protocol';
import type { NorFlash } from './flash.js';
import { RecordRing } from './record-ring.js';
import { mountStatePage, type DeviceState, type Position, type StatePage } from './state-page.js';

/** Slots that only help and device records may use. */
export const RESERVED_SLOTS = 16;

export interface LogOwner {
  readonly site: string;
  readonly device: string;
  /** Of the device's key, 32 bytes. */
  readonly thumbprint: Uint8Array;
}

export class DeviceLog {
  readonly logId: Uint8Array;
  private readonly page: StatePage;
  private readonly ring: RecordRing;
  private readonly genesis: Uint8Array;
  private state: DeviceState;
  private keptFrom = Infinity;

  /** Starts from what flash holds, and counts the start. @throws PowerCut */
  constructor(
    private readonly flash: NorFlash,
    private readonly owner: LogOwner,
  ) {
    this.page = mountStatePage(flash);
    const { thumbprint } = owner;
    const before = this.page.content ?? this.emptyEpoch({ boot: 0, epoch: 1, thumbprint });
    const found = new RecordRing(flash, before.epoch);
    const { state, ring } = this.continued(before, found);
    this.state = { ...state, boot: state.boot + 1 };
    this.ring = ring;
    this.genesis = genesisOf(owner, this.state);
    this.logId = logIdOf(this.genesis);
    this.page.write(this.state);
  }

  get boot(): number {
    return this.state.boot;
  }

  get epoch(): number {
    return this.state.epoch;
  }

  get previous(): DeviceState['previous'] {
    return this.state.previous;
  }

  /** What the first record of a later epoch has to report, until it is logged. */
  get lossToReport(): number | undefined {
    return this.ring.head === 0 ? this.state.lostFrom : undefined;
  }

  /** The key before, which the first record of an epoch under a new one has to report, until it is logged. */
  get keyToReport(): Uint8Array | undefined {
    return this.ring.head === 0 ? this.state.earlierKey : undefined;
  }

  get head(): number {
    return this.ring.head;
  }

  get oldest(): number {
    return this.ring.oldest;
  }

  get sealed(): number {
    return this.state.sealed.seq;
  }

  get acked(): number {
    return this.state.acked.seq;
  }

  /** Whether only help and device records can be taken. */
  get isFull(): boolean {
    return this.free <= RESERVED_SLOTS;
  }

  /** Records from here on are needed: they make room for help and device records only, acknowledged or not. */
  keep(from: number): void {
    this.keptFrom = from;
  }

  private get free(): number {
    return this.ring.free(Math.min(this.acked, this.keptFrom - 1));
  }

  record(seq: number): Uint8Array | undefined {
    return this.ring.record(seq);
  }

  /** All that are left, the first one first. Bytes that are no record, as a device that misbehaves logs them, are left out. */
  *records(): Generator<Record> {
    for (let seq = this.oldest; seq <= this.head; seq++) {
      const bytes = this.record(seq);
      try {
        if (bytes !== undefined) yield decodeRecord(bytes);
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
      }
    }
  }

  /** `h(seq)` while it is known: of readable records, of the acknowledged position and of the log's beginning. */
  hash(seq: number): Uint8Array | undefined {
    if (seq === 0) return this.genesis;
    if (seq === this.acked) return this.state.acked.hash;
    return this.ring.hash(seq);
  }

  /**
   * Logs a record of the next sequence number.
   * @param reserve whether it may use the slots kept for help and device records
   * @returns the sequence number; undefined when there is no room
   * @throws PowerCut
   */
  append(encodeAt: (seq: number) => Uint8Array, reserve: boolean): number | undefined {
    if (reserve ? this.ring.free(this.acked) === 0 : this.isFull) return undefined;
    const seq = this.head + 1;
    const record = encodeAt(seq);
    this.ring.append(seq, chainHash(this.mustHash(this.head), record), record);
    return seq;
  }

  /** Persists that the log is about to be sealed up to `seq`. @throws PowerCut */
  sealUpto(seq: number): void {
    if (seq > this.sealed) this.persist({ ...this.state, sealed: this.position(seq) });
  }

  /** Persists that records up to `seq` may be overwritten. Erases nothing. @throws PowerCut */
  ackUpto(seq: number): void {
    if (seq > this.acked) this.persist({ ...this.state, acked: this.position(seq) });
  }

  private position(seq: number): Position {
    return { seq, hash: this.mustHash(seq) };
  }

  private mustHash(seq: number): Uint8Array {
    const hash = this.hash(seq);
    if (hash === undefined) throw new RangeError(`record ${seq} is not in the log`);
    return hash;
  }

  private persist(state: DeviceState): void {
    this.page.write(state);
    this.state = state;
  }

  private emptyEpoch(start: Omit<DeviceState, 'sealed' | 'acked'>): DeviceState {
    const beginning = { seq: 0, hash: genesisOf(this.owner, start) };
    return { ...start, sealed: beginning, acked: beginning };
  }

  /** The log as it is found, or the epoch that has to follow it. */
  private continued(before: DeviceState, found: RecordRing): { state: DeviceState; ring: RecordRing } {
    if (!isWhole(before, found)) return this.nextEpoch(before, before.acked.seq + 1);
    if (equalBytes(before.thumbprint, this.owner.thumbprint)) return { state: before, ring: found };
    // Under a new key the old log can no longer be sealed, so nothing of it may be waiting.
    if (found.head > before.acked.seq) {
      throw new RangeError(`a new key while records from ${before.acked.seq + 1} on are not acknowledged`);
    }
    return this.nextEpoch(before);
  }

  /** The epoch after one that lost records or was under another key: it names the last sealed position. */
  private nextEpoch(before: DeviceState, lostFrom?: number): { state: DeviceState; ring: RecordRing } {
    const { boot, sealed, thumbprint: earlierKey } = before;
    const { thumbprint } = this.owner;
    const epoch = before.epoch + 1;
    const previous = {
      logId: logIdOf(genesisOf(this.owner, before)),
      seq: sealed.seq,
      head: sealed.hash,
    };
    return {
      state: this.emptyEpoch({
        ...{ boot, epoch, previous, thumbprint },
        ...(lostFrom !== undefined && { lostFrom }),
        ...(!equalBytes(earlierKey, thumbprint) && { earlierKey }),
      }),
      ring: new RecordRing(this.flash, epoch),
    };
  }
}

/** Whether everything sealed, and everything not yet acknowledged, is still there. */
function isWhole({ sealed, acked }: DeviceState, ring: RecordRing): boolean {
  return ring.head >= sealed.seq && ring.oldest <= acked.seq + 1;
}

function genesisOf(
  owner: LogOwner,
  { epoch, previous, thumbprint }: Pick<DeviceState, 'epoch' | 'previous' | 'thumbprint'>,
): Uint8Array {
  return genesisHash({ ...owner, thumbprint, epoch, previous });
}
