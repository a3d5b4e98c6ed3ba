/**
 * Whether a gateway may go by its own clock. Boxes start without a battery-backed clock and are set over the network
 * later, and a clock that is stepped while a seal is under way pins nothing (SPEC.md, Time).
 */

/** One look at both clocks of a machine, in seconds. */
export interface ClockReading {
  /** Unix seconds, with fractions. May be set, forwards or back. */
  readonly wall: number;
  /** Runs on evenly, from any beginning. */
  readonly monotonic: number;
}

export type GatewayClockState =
  /** Below the floor: nobody has set it since the machine started. */
  | { readonly state: 'unset'; readonly reading: ClockReading }
  | { readonly state: 'trusted'; readonly reading: ClockReading }
  /** It was set by this many seconds since the look before; trusted again at the next look. */
  | { readonly state: 'stepped'; readonly by: number; readonly reading: ClockReading };

/** What network time does without stepping, and two readings that are not quite simultaneous: 2 s. */
export const MAX_SLEW_SECONDS = 2;

/** By how much wall time was set between two looks, 0 for what is no step. */
export function stepBetween(before: ClockReading, after: ClockReading): number {
  const by = after.wall - before.wall - (after.monotonic - before.monotonic);
  return Math.abs(by) > MAX_SLEW_SECONDS ? by : 0;
}

/** The state after one more look. `floor` is Unix seconds: before it the clock cannot be right. */
export function nextClockState(
  before: GatewayClockState | undefined,
  reading: ClockReading,
  floor: number,
): GatewayClockState {
  if (reading.wall < floor) return { state: 'unset', reading };
  if (before === undefined || before.state === 'unset') return { state: 'trusted', reading };
  const by = stepBetween(before.reading, reading);
  return by === 0 ? { state: 'trusted', reading } : { state: 'stepped', by, reading };
}

export interface GatewayClockOptions {
  /** Unix seconds, with fractions. */
  readonly wall: () => number;
  /** Seconds on a clock that never goes back. */
  readonly monotonic: () => number;
  /** Unix seconds: the beginning of the gateway's own certificate. */
  readonly floor: number;
  /** Told of every change that is worth a line in a log. */
  readonly changed?: (state: GatewayClockState, before: GatewayClockState['state'] | undefined) => void;
}

/** A gateway's clock, looked at anew with every question. */
export class GatewayClock {
  private last: GatewayClockState | undefined;

  constructor(private readonly options: GatewayClockOptions) {}

  look(): GatewayClockState {
    const { wall, monotonic, floor, changed } = this.options;
    const before = this.last;
    this.last = nextClockState(before, { wall: wall(), monotonic: monotonic() }, floor);
    if (this.last.state === 'stepped' || (this.last.state === 'unset') !== (before?.state === 'unset')) {
      changed?.(this.last, before?.state);
    }
    return this.last;
  }

  /** Unix seconds with fractions, while the clock may be gone by. */
  now(): number | undefined {
    const { state, reading } = this.look();
    return state === 'unset' ? undefined : reading.wall;
  }
}
