/**
 * The trail of what operators did, each entry chained to the one before and the chain signed by the gateway. What is noted
 * at the same time goes into one transaction under one signature, as records do.
 */
import {
  chainHash,
  type Certificate,
  equalBytes,
  type PrivateKey,
  TimebandError,
  type Timers,
} from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Store, TrailRow, TrailSpan } from '../store/index.js';
import { type Deed, decodeEntry, encodeEntry, type TrailEntry } from './entry.js';
import { signTrailHead, trailGenesis, verifyTrailHead } from './head.js';

/** One head is kept for so many entries, beside the newest. */
const HEAD_EVERY = 256;
/** That wait at once: each has somebody who waits for an answer. */
const MOST_WAITING = 1_024;
const DAY = 86_400;
const LOOK_EVERY_MS = 3_600_000;
const AT_ONCE = 500;
const NEXT_MS = 100;

/** The action of the entry that says which ones are kept no longer: `{"upTo": 17}`. */
export const FORGET = 'forget';
/** The action of the entry that says that what was there at a start was not what had been signed. */
export const BROKEN = 'broken';

export interface TrailOptions {
  readonly store: Pick<Store, 'trail' | 'transaction'>;
  readonly site: string;
  readonly gateway: string;
  /** Its certificate may be renewed while it runs. */
  readonly credentials: { readonly key: PrivateKey; readonly certificate: Certificate };
  /** How long entries are kept. */
  readonly days: number;
  /** Unix seconds. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: { readonly count: (name: string, detail?: string) => void };
}

interface Waiting {
  readonly deed: Deed;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

export class Trail {
  private readonly waiting: Waiting[] = [];
  private seq = 0;
  private hash: Uint8Array;
  /** A head of this run, or one of before that holds: it may make room for a newer one. */
  private newestHead: number | undefined;
  private cancel: () => void = () => undefined;

  constructor(private readonly options: TrailOptions) {
    this.hash = trailGenesis(options.site, options.gateway);
  }

  /** Goes on where the entries end, if those are what was signed; otherwise that is noted and stays. */
  start(): void {
    const { store, log, counters, gateway } = this.options;
    const newest = store.trail.newest();
    const problem = this.problemOf(newest);
    if (newest !== undefined) {
      this.seq = newest.seq;
      this.hash = chainHash(newest.previous, newest.bytes);
    }
    if (problem === undefined) {
      this.newestHead = this.isOwnHead() ? store.trail.newestHead()?.seq : undefined;
    } else {
      counters.count('trail/broken');
      log.error({ problem }, 'ALARM: the trail of what operators did is not what was signed');
      const deed = { account: gateway, role: 'gateway', way: 'gateway', given: '' } as const;
      void this.note({ ...deed, action: BROKEN, outcome: problem }).catch(() => undefined);
    }
    this.forgetOld();
  }

  /** Resolves when it is durable. @throws StoreFault; Error when too many wait */
  note(deed: Deed): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length >= MOST_WAITING) {
        reject(new Error('too much is being noted'));
        return;
      }
      this.waiting.push({ deed, done: resolve, failed: reject });
      if (this.waiting.length === 1)
        setImmediate(() => {
          this.flush();
        });
    });
  }

  /** The newest first. */
  find(span: TrailSpan): readonly TrailEntry[] {
    return this.options.store.trail.find(span).map(({ bytes }) => decodeEntry(bytes));
  }

  /** Writes what still waits. */
  close(): void {
    this.cancel();
    this.flush();
  }

  private flush(): void {
    const waiting = this.waiting.splice(0);
    if (waiting.length === 0) return;
    try {
      this.append(waiting.map(({ deed }) => deed));
      for (const { done } of waiting) done();
    } catch (error) {
      this.options.counters.count('trail/failed');
      this.options.log.error({ err: error }, 'what operators did cannot be noted: it is not answered');
      for (const { failed } of waiting) failed(error as Error);
    }
  }

  private append(deeds: readonly Deed[], besides: () => void = () => undefined): void {
    const { store, credentials, site, gateway, now } = this.options;
    const at = Math.floor(now());
    let { seq, hash } = this;
    const rows = deeds.map((deed): TrailRow => {
      const previous = hash;
      const bytes = encodeEntry({ ...deed, seq: ++seq, at });
      hash = chainHash(previous, bytes);
      return { seq, previous, at, account: decodeEntry(bytes).account, bytes };
    });
    const head = signTrailHead(credentials.key, site, { gateway, seq, hash, at });
    store.transaction(() => {
      for (const row of rows) store.trail.add(row);
      store.trail.putHead({ seq, bytes: head });
      const before = this.newestHead;
      if (before !== undefined && Math.floor(before / HEAD_EVERY) === Math.floor(seq / HEAD_EVERY))
        store.trail.removeHead(before);
      besides();
    });
    [this.seq, this.hash, this.newestHead] = [seq, hash, seq];
  }

  /** Why what is there is not what was signed. Of all that came before, the signed hash speaks. */
  private problemOf(newest: TrailRow | undefined): string | undefined {
    const { store, credentials, gateway } = this.options;
    const row = store.trail.newestHead();
    if (row === undefined) return newest === undefined ? undefined : 'its signed head is gone';
    if (newest?.seq !== row.seq) return 'it ends at another entry than its head';
    try {
      const head = verifyTrailHead(row.bytes, credentials.certificate);
      if (head.gateway !== gateway) return 'its head is another gateway’s';
      return equalBytes(head.hash, chainHash(newest.previous, newest.bytes))
        ? undefined
        : 'its newest entry is another than was signed';
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return error.code === 'cose/kid' ? undefined : 'its head is not signed by this gateway';
    }
  }

  /** That of an earlier key stays for who verifies by the certificates of then. */
  private isOwnHead(): boolean {
    const { store, credentials } = this.options;
    const row = store.trail.newestHead();
    try {
      if (row === undefined) return false;
      return verifyTrailHead(row.bytes, credentials.certificate).seq === row.seq;
    } catch {
      return false;
    }
  }

  private forgetOld(): void {
    const { store, days, now, timers, log, gateway } = this.options;
    let forgotten = 0;
    try {
      const end = store.trail.endOf(Math.floor(now()) - days * DAY, AT_ONCE);
      const oldest = store.trail.oldest()?.seq ?? 1;
      // The newest stays: the chain goes on from it.
      if (end !== undefined && end < this.seq && end >= oldest) {
        forgotten = end - oldest + 1;
        const deed = { account: gateway, role: 'gateway', way: 'gateway', outcome: 'done' } as const;
        this.append([{ ...deed, action: FORGET, given: JSON.stringify({ upTo: end }) }], () => {
          store.trail.forget(end);
        });
        log.info({ forgotten, days }, 'old entries of the trail were forgotten');
      }
    } catch (error) {
      log.error({ err: error }, 'old entries of the trail cannot be forgotten; it is tried again');
    }
    this.cancel = timers.after(forgotten === AT_ONCE ? NEXT_MS : LOOK_EVERY_MS, () => {
      this.forgetOld();
    });
  }
}
