/** What became of connections to each device, bounded: whom to visit when, and whom to leave alone for a while. */
import { nextAdvert, type SmpHandles } from '@timeband/radio';
import type { Candidate } from './scheduler.js';
import type { Sighting } from './sightings.js';

/** A band that has nothing for us is still visited this often: its clock drifts, and acks are owed. */
const VISIT_EVERY_MS = 3_600_000;
/** A band on which a visit changed nothing, such as one whose records another gateway takes, is left alone for so long. */
const UNCHANGED_MS = 60_000;
/** A device that was expected in vain so often may keep another interval, and after so many times counts as having failed. */
const MISSES = { erratic: 6, failed: 20 } as const;
/** The next advert of a device that may be erratic is foretold in some seconds and not in others: a crowd may have drowned it. */
const BLIND_MS = { of: 4_000, first: 1_000 } as const;
const MAX_REMEMBERED = 8_192;

interface Memory {
  visitedAt: number | undefined;
  /** It has said nothing else since it was visited. */
  isUnchanged: boolean;
  failures: number;
  failedAt: number;
  /** Adverts that were listened for in vain since the last connection. */
  misses: number;
  handles: SmpHandles | undefined;
  /** A visit failed, perhaps for a wrong guess of the handles. */
  isMistrusted: boolean;
}

/** By device id; by address where that is all there is. */
export class VisitHistory {
  private readonly memories = new Map<string, Memory>();
  private usual: SmpHandles | undefined;

  /**
   * A sighting as somebody to connect to; undefined for one that has nothing for us.
   * @param begins when somebody could be listened for
   */
  candidate(sighting: Sighting, now: number, begins: number): Candidate | undefined {
    const { state, address, heardAt, firstHeardAt } = sighting;
    const memory = this.memories.get(nameOf(sighting));
    if (!isDue(sighting, memory, now)) return undefined;
    const { misses = 0 } = memory ?? {};
    const isForetold = misses < MISSES.erratic || now % BLIND_MS.of > BLIND_MS.first;
    return {
      key: address.key,
      isKnown: sighting.device !== undefined,
      isHelp: state?.help ?? false,
      isFull: state?.full ?? false,
      heardAt,
      nextAt: isForetold ? nextAdvert(sighting, begins) : undefined,
      waitingSince: memory?.visitedAt ?? firstHeardAt,
      failures: memory?.failures ?? 0,
      failedAt: memory?.failedAt ?? 0,
    };
  }

  /**
   * Where a band keeps its characteristic: where it was, or where the last one had it, since bands of one site mostly run
   * one firmware. Nothing is written to a stranger on a guess, nor to a band whose visit failed after one.
   */
  handles(sighting: Sighting): SmpHandles | undefined {
    if (sighting.device === undefined) return undefined;
    const memory = this.memories.get(sighting.device);
    return memory?.handles ?? (memory?.isMistrusted === true ? undefined : this.usual);
  }

  learned(sighting: Sighting, handles: SmpHandles): void {
    const memory = this.remember(sighting);
    memory.handles = handles;
    memory.misses = 0;
    if (sighting.device !== undefined) this.usual = handles;
  }

  /** It says something else than before. */
  changed(sighting: Sighting): void {
    const memory = this.memories.get(nameOf(sighting));
    if (memory !== undefined) memory.isUnchanged = false;
  }

  /** A visit went well. */
  succeeded(sighting: Sighting, now: number): void {
    Object.assign(this.remember(sighting), { visitedAt: now, isUnchanged: true, failures: 0, misses: 0 });
  }

  /** A visit failed. Where its characteristic is, is looked up anew. */
  failed(sighting: Sighting, now: number): void {
    this.notOpened(sighting, now);
    Object.assign(this.remember(sighting), { handles: undefined, isMistrusted: true });
  }

  /** The link was lost before anything could be asked. */
  notOpened(sighting: Sighting, now: number): void {
    const memory = this.remember(sighting);
    memory.failures++;
    memory.failedAt = now;
    memory.misses = 0;
  }

  /** It was listened for, and did not connect. Where no advert was due in that time, that says nothing. */
  missed(sighting: Sighting, from: number, to: number): void {
    if (nextAdvert(sighting, from) > to) return;
    const memory = this.remember(sighting);
    memory.misses++;
    if (memory.misses >= MISSES.failed) this.notOpened(sighting, to);
  }

  private remember(sighting: Sighting): Memory {
    const name = nameOf(sighting);
    const memory = this.memories.get(name) ?? {
      visitedAt: undefined,
      isUnchanged: false,
      failures: 0,
      failedAt: 0,
      misses: 0,
      handles: undefined,
      isMistrusted: false,
    };
    // The one used last stands last, and the first is the one to forget.
    this.memories.delete(name);
    this.memories.set(name, memory);
    const [oldest] = this.memories.keys();
    if (this.memories.size > MAX_REMEMBERED && oldest !== undefined) this.memories.delete(oldest);
    return memory;
  }
}

/** Whether it has something for us, or was not visited for long. */
function isDue({ state, heardAt }: Sighting, memory: Memory | undefined, now: number): boolean {
  const visitedAt = memory?.visitedAt;
  if (memory === undefined || visitedAt === undefined || now - visitedAt > VISIT_EVERY_MS) return true;
  if (state === undefined || heardAt <= visitedAt) return false; // what it said before it was visited is settled
  // Where it still says the same, another visit would not help either.
  if (memory.isUnchanged && now - visitedAt < UNCHANGED_MS) return false;
  return state.help || state.waiting > 0 || state.clockUnset || state.pressed;
}

function nameOf({ device, address }: Sighting): string {
  return device ?? address.key;
}
