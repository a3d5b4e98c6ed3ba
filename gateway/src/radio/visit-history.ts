/** What became of connections to each device, bounded: whom to visit when, and whom to leave alone for a while. */
import type { SmpHandles } from './gatt-session.js';
import { nextAdvert } from './phase.js';
import type { Candidate } from './scheduler.js';
import type { Sighting } from './sightings.js';

/** A band that has nothing for us is still visited this often: its clock drifts, and acks are owed. */
const VISIT_EVERY_MS = 3_600_000;
/** A target that was listened for so long in all, and did not connect, counts as having failed. */
const MISSED_MS = 5_000;
const MAX_REMEMBERED = 8_192;

/** A band on which a visit changed nothing, such as one whose records another gateway takes, is left alone for so long. */
const UNCHANGED_MS = 60_000;

interface Memory {
  visitedAt: number | undefined;
  /** It has said nothing else since it was visited. */
  isUnchanged: boolean;
  failures: number;
  failedAt: number;
  missedMs: number;
  handles: SmpHandles | undefined;
}

/** By device id; by address where that is all there is. */
export class VisitHistory {
  private readonly memories = new Map<string, Memory>();
  private usual: SmpHandles | undefined;

  candidate(sighting: Sighting, now: number): Candidate {
    const { state, address } = sighting;
    const memory = this.memories.get(nameOf(sighting));
    const visitedAt = memory?.visitedAt;
    // What it said before it was visited is settled; where it still says the same, another visit would not help either.
    const isSettled = memory?.isUnchanged === true && now - (visitedAt ?? now) < UNCHANGED_MS;
    const isNews = visitedAt === undefined || (sighting.heardAt > visitedAt && !isSettled);
    const wants =
      state !== undefined && (state.help || state.waiting > 0 || state.clockUnset || state.pressed);
    return {
      key: address.key,
      isKnown: sighting.device !== undefined,
      isHelp: state?.help ?? false,
      isFull: state?.full ?? false,
      isDue: (wants && isNews) || visitedAt === undefined || now - visitedAt > VISIT_EVERY_MS,
      heardAt: sighting.heardAt,
      nextAt: nextAdvert(sighting, now),
      waitingSince: visitedAt ?? sighting.firstHeardAt,
      failures: memory?.failures ?? 0,
      failedAt: memory?.failedAt ?? 0,
    };
  }

  /**
   * Where a band keeps its characteristic: where it was, or where the last one had it, since bands of one site mostly run
   * one firmware. Nothing is written to a stranger on a guess, nor to a band with which the guess has just failed.
   */
  handles(sighting: Sighting): SmpHandles | undefined {
    if (sighting.device === undefined) return undefined;
    const memory = this.memories.get(sighting.device);
    return memory?.handles ?? (memory === undefined || memory.failures === 0 ? this.usual : undefined);
  }

  learned(sighting: Sighting, handles: SmpHandles): void {
    this.remember(sighting).handles = handles;
    if (sighting.device !== undefined) this.usual = handles;
  }

  /** It says something else than before. */
  changed(sighting: Sighting): void {
    const memory = this.memories.get(nameOf(sighting));
    if (memory !== undefined) memory.isUnchanged = false;
  }

  /** A visit went well. */
  succeeded(sighting: Sighting, now: number): void {
    Object.assign(this.remember(sighting), { visitedAt: now, isUnchanged: true, failures: 0, missedMs: 0 });
  }

  /** A visit failed. Where its characteristic is, is looked up anew. */
  failed(sighting: Sighting, now: number): void {
    const memory = this.remember(sighting);
    memory.failures++;
    memory.failedAt = now;
    memory.missedMs = 0;
    memory.handles = undefined;
  }

  missed(sighting: Sighting, ms: number, now: number): void {
    const memory = this.remember(sighting);
    memory.missedMs += ms;
    if (memory.missedMs >= MISSED_MS) this.failed(sighting, now);
  }

  private remember(sighting: Sighting): Memory {
    const name = nameOf(sighting);
    const memory = this.memories.get(name) ?? {
      ...{
        visitedAt: undefined,
        isUnchanged: false,
        failures: 0,
        failedAt: 0,
        missedMs: 0,
        handles: undefined,
      },
    };
    // The one used last stands last, and the first is the one to forget.
    this.memories.delete(name);
    this.memories.set(name, memory);
    const [oldest] = this.memories.keys();
    if (this.memories.size > MAX_REMEMBERED && oldest !== undefined) this.memories.delete(oldest);
    return memory;
  }
}

function nameOf({ device, address }: Sighting): string {
  return device ?? address.key;
}
