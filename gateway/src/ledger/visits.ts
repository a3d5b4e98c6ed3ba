/**
 * Visits: a check-in and the check-out that ends it, in whole minutes. This is the ledger's first step; postings
 * will derive from closed visits.
 */
import type { Because, Outcome, Punch, TimeInterval } from '@timeband/protocol';
import type { Store } from '../store/index.js';

/** A check-in left open longer than this credits nothing and waits for review. */
const LONGEST_MINUTES = 240;

/** Taps waiting for their seal, over all readers: seconds' worth, with room to spare. */
const MOST_PROVISIONAL = 4_096;

/** What a reader shows at once. */
export interface Preview {
  readonly outcome: Outcome;
  readonly minutes?: number | undefined;
  /** Of the account afterwards. */
  readonly balance?: number | undefined;
  readonly because?: Because | undefined;
}

/** A change to the open visits that a commit makes durable. */
export type VisitChange =
  | { readonly change: 'open'; readonly band: string; readonly service: number; readonly time: TimeInterval }
  | {
      readonly change: 'close';
      readonly band: string;
      readonly service: number;
      readonly minutes: number | undefined;
    }
  | { readonly change: 'none' };

export class Visits {
  /** Open visits by band and service: durable ones, and those of taps that are not sealed yet. */
  private readonly open = new Map<string, TimeInterval>();
  private readonly provisional = new Map<string, TimeInterval | 'closed'>();

  constructor(private readonly store: Store) {
    for (const visit of store.visits.all()) this.open.set(keyOf(visit.band, visit.service), visit.time);
  }

  /** What a sealed punch does. Later records of the same commit see it; {@link persist} writes it. */
  apply(band: string, punch: Punch, time: TimeInterval): VisitChange {
    const key = keyOf(band, punch.service);
    this.provisional.delete(key);
    const since = this.open.get(key);
    if (punch.direction === 'in') {
      // The first of two check-ins stands while it may still be closed.
      if (since !== undefined && minutesBetween(since, time) !== undefined) return { change: 'none' };
      this.open.set(key, time);
      return { change: 'open', band, service: punch.service, time };
    }
    if (since === undefined) return { change: 'none' };
    this.open.delete(key);
    return { change: 'close', band, service: punch.service, minutes: minutesBetween(since, time) };
  }

  /** Writes a change; only within the transaction that stores its record. */
  persist(change: VisitChange): void {
    if (change.change === 'open') this.store.visits.put(change);
    else if (change.change === 'close') this.store.visits.remove(change.band, change.service);
  }

  /** Whether a check-out at `at`, Unix seconds, would end a visit: one is open, and not left open too long. */
  isOpen(band: string, service: number, at: number): boolean {
    const since = this.since(keyOf(band, service));
    return since !== undefined && minutesBetween(since, { earliest: at, latest: at }) !== undefined;
  }

  /** What a tap will come to once it is sealed, for the reader's light and buzzer. `at` is Unix seconds. */
  preview(band: string, punch: Punch, at: number): Preview {
    const key = keyOf(band, punch.service);
    const since = this.since(key);
    const now = { earliest: at, latest: at };
    const minutes = since && minutesBetween(since, now);
    if (punch.direction === 'in') {
      if (minutes !== undefined) return { outcome: 'refused', because: 'again' };
      this.expect(key, now);
      return { outcome: 'accepted' };
    }
    if (since === undefined) return { outcome: 'queued' };
    this.expect(key, 'closed');
    return minutes === undefined ? { outcome: 'queued' } : { outcome: 'accepted', minutes };
  }

  /** When an open visit began, taps that are not sealed yet included. */
  private since(key: string): TimeInterval | undefined {
    const provisional = this.provisional.get(key);
    return provisional === 'closed' ? undefined : (provisional ?? this.open.get(key));
  }

  /** Taps that never get sealed must not pile up: the oldest expectation goes first. */
  private expect(key: string, state: TimeInterval | 'closed'): void {
    this.provisional.delete(key);
    this.provisional.set(key, state);
    if (this.provisional.size <= MOST_PROVISIONAL) return;
    for (const oldest of this.provisional.keys()) {
      this.provisional.delete(oldest);
      break;
    }
  }

  /** Reads the open visits again after a commit that failed. */
  reload(): void {
    this.open.clear();
    this.provisional.clear();
    for (const visit of this.store.visits.all()) this.open.set(keyOf(visit.band, visit.service), visit.time);
  }
}

function keyOf(band: string, service: number): string {
  return `${band}/${service}`;
}

/** Whole minutes between the middles of two intervals, or nothing where that says nothing. */
function minutesBetween(from: TimeInterval, to: TimeInterval): number | undefined {
  if (from.earliest === undefined || to.earliest === undefined) return undefined;
  if (to.latest < from.earliest) return undefined;
  // Where the intervals overlap, their middles may stand in the wrong order: that is no time at all.
  const minutes = Math.max(0, Math.floor((to.earliest + to.latest - from.earliest - from.latest) / 120));
  return minutes > LONGEST_MINUTES ? undefined : minutes;
}
