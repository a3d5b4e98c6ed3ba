/** Heads of the event log and receipts under them, made when someone asks (SPEC.md, Log tree, Portable receipt). */
import {
  type Certificate,
  consistencyReceipt,
  decodeStrict,
  encodeReceipt,
  equalBytes,
  inclusionReceipt,
  type PrivateKey,
  ReceiptError,
  rootFromConsistency,
  rootFromProof,
  signHead,
  TimebandError,
  type Timers,
  type TreeHead,
  verifyHead,
} from '@timeband/protocol';
import { nextTurn } from '../next-turn.js';
import { type LeafSource, LogTree, type NodeStore } from './log-tree.js';

/** The event log, as far as receipts need it. */
export interface EventSource extends LeafSource {
  /** Where the store counts events over all epochs: its position of the epoch's number 0. */
  readonly base?: number;
  /** The events after `after`, as they are published. */
  readonly read: (
    after: number,
    limit: number,
  ) => readonly { readonly seq: number; readonly message: Uint8Array }[];
}

/** Where heads are kept, beside the nodes of the tree. */
export interface ReceiptStore {
  readonly logTree: NodeStore & {
    readonly head: (epoch: number) => Uint8Array | undefined;
    readonly putHead: (epoch: number, bytes: Uint8Array) => void;
  };
  readonly eventOfRecord: (device: string, record: number, first: number, last: number) => number | undefined;
}

export interface ReceiptsOptions {
  readonly store: ReceiptStore;
  readonly events: EventSource;
  readonly key: PrivateKey;
  readonly certificate: Certificate;
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
}

/** A head and what it says. */
export interface SignedHead {
  readonly bytes: Uint8Array;
  readonly says: TreeHead;
}

/** Of 256 events each, between two rests: a few milliseconds of work. */
const TILES_AT_ONCE = 2;
/** Events looked through between two rests. */
const SEARCHED_AT_ONCE = 50_000;

export class Receipts {
  private readonly tree: LogTree;
  private newest: SignedHead | undefined;

  constructor(private readonly options: ReceiptsOptions) {
    this.tree = new LogTree(options.events, options.store.logTree);
    this.newest = this.storedHead();
  }

  /**
   * The head over all events that were durable when this was called, or nothing before the first event.
   *
   * @param restShare rest after each bit of work, as a multiple of the time that it took
   * @throws ReceiptError `receipt/proof` when the events in the store are no longer those of an earlier head
   */
  async head(restShare = 0): Promise<SignedHead | undefined> {
    const { events, store, key, certificate, wallClock } = this.options;
    const size = events.head;
    if (size === 0) return undefined;
    await this.grow(size, restShare);
    const known = this.newest;
    if (known !== undefined && known.says.size > size) return known;
    if (known?.says.size === size && this.isCovered(known.says)) return known;
    const root = this.tree.root(size);
    if (known !== undefined) this.checkContinues(known.says, size, root);
    const says: TreeHead = {
      ...{ site: certificate.site, gateway: certificate.subject, epoch: events.epoch },
      ...{ size, root, issued: Math.floor(wallClock()) },
    };
    this.newest = { bytes: signHead(key, says), says };
    store.logTree.putHead(events.epoch, this.newest.bytes);
    return this.newest;
  }

  /** The portable receipt of an event, or nothing when there is no such event. @throws ReceiptError */
  async receipt(seq: number): Promise<Uint8Array | undefined> {
    const { events, certificate } = this.options;
    const [published] = seq >= 1 && seq <= events.head ? events.read(seq - 1, 1) : [];
    const known = this.newest;
    const isEnough = known !== undefined && seq <= known.says.size && this.isCovered(known.says);
    const head = isEnough ? known : await this.head();
    // It may be another one's: of a record that was replaced on request there is no event any more, and no receipt.
    if (published?.seq !== seq + (events.base ?? 0) || head === undefined) return undefined;
    const event = firstPart(published.message);
    await nextTurn(); // each half makes hundreds of events again
    const { size } = head.says;
    const proof = { treeSize: size, leafIndex: seq - 1, path: this.tree.inclusion(seq, size) };
    const root = rootFromProof(this.tree.leaf(seq), proof);
    if (root === undefined || !equalBytes(root, head.says.root)) throw changed();
    const receipt = inclusionReceipt(head.bytes, proof);
    return encodeReceipt({ event, receipt, certificate: certificate.bytes });
  }

  /** The number of the event of a device's record, of its newest log that has one. */
  async find(device: string, record: number): Promise<number | undefined> {
    const { events, store } = this.options;
    const { base = 0 } = events;
    for (let last = events.head; last > 0; last -= SEARCHED_AT_ONCE) {
      const first = Math.max(1, last - SEARCHED_AT_ONCE + 1);
      const found = store.eventOfRecord(device, record, base + first, base + last);
      if (found !== undefined) return found - base;
      await this.rest(0);
    }
    return undefined;
  }

  /** The root over the first `size` events, or nothing when there are not so many. */
  async rootOf(size: number): Promise<Uint8Array | undefined> {
    if (size < 1 || size > this.options.events.head) return undefined;
    await this.grow(size, 0);
    return this.tree.root(size);
  }

  /** The receipt that the newest head continues the one over the first `earlier` events, or nothing when there were none. */
  async consistency(earlier: number): Promise<Uint8Array | undefined> {
    const head = await this.head();
    if (head === undefined || earlier < 1 || earlier > head.says.size) return undefined;
    const { size } = head.says;
    const path = this.tree.consistency(earlier, size);
    return consistencyReceipt(head.bytes, { earlierSize: earlier, laterSize: size, path });
  }

  private async grow(size: number, restShare: number): Promise<void> {
    const { timers } = this.options;
    let started = timers.now();
    while (this.tree.grow(size, TILES_AT_ONCE)) {
      await this.rest(restShare * (timers.now() - started));
      started = timers.now();
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.timers.after(ms, resolve);
    });
  }

  /** Nothing is signed that would take back what was signed before. */
  private checkContinues(earlier: TreeHead, size: number, root: Uint8Array): void {
    const path = this.tree.consistency(earlier.size, size);
    const later = rootFromConsistency(earlier.root, { earlierSize: earlier.size, laterSize: size, path });
    if (later === undefined || !equalBytes(later, root)) throw changed();
  }

  /** A receipt is verified at the time of its head: one of before a renewal does not go with the certificate of now. */
  private isCovered({ issued }: TreeHead): boolean {
    return issued >= this.options.certificate.notBefore;
  }

  /** The newest head of an earlier run, unless it is of an earlier key. */
  private storedHead(): SignedHead | undefined {
    const { store, events, certificate } = this.options;
    const bytes = store.logTree.head(events.epoch);
    if (bytes === undefined) return undefined;
    try {
      return { bytes, says: verifyHead(bytes, certificate) };
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return undefined;
    }
  }
}

function firstPart(message: Uint8Array): Uint8Array {
  const parts = decodeStrict(message);
  const event: unknown = Array.isArray(parts) ? parts[0] : undefined;
  if (!(event instanceof Uint8Array)) throw new ReceiptError('receipt/shape', 'not an event message');
  return event;
}

function changed(): ReceiptError {
  return new ReceiptError(
    'receipt/proof',
    'the events in the database are no longer those that were signed: restore it from a backup',
  );
}
