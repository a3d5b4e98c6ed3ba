/**
 * When a record happened, as an interval that a gateway can answer for: never the device's word alone. A seal pins
 * the device's (boot, uptime) to the gateway's clock, and records bound their neighbours (SPEC.md, Time).
 */
import type { Record } from './record.js';

/** When something happened, Unix seconds: a bound below (absent where it is open) and one above. */
export interface TimeInterval {
  readonly earliest?: number | undefined;
  readonly latest: number;
}

/** Between asking for a seal and having its answer, on the gateway's clock, Unix seconds. */
export interface SealMoment {
  readonly asked: number;
  readonly answered: number;
}

/** How far a device's seconds may be off, as a fraction: a crystal's 50 ppm, an RC oscillator's 500 ppm. */
const DRIFT = { crystal: 50e-6, rc: 500e-6 } as const;
export type Oscillator = keyof typeof DRIFT;

/** A place on a device's own clock: which start, and whole seconds since it, rounded down. */
export type DeviceMoment = Pick<Record, 'boot' | 'uptime'>;

export interface TimeContext {
  /** Nothing in these records happened before: what was found of the records that precede them. Unix seconds. */
  readonly floor?: number | undefined;
  /** A crystal unless told otherwise. */
  readonly oscillator?: Oscillator | undefined;
}

export interface TrustedTimes {
  /** One for each record. Of one without a place on the device's clock it is only known that its seal came later. */
  readonly intervals: readonly TimeInterval[];
  /** The floor for the records that follow. */
  readonly floor: number | undefined;
}

/** A true time that lies at or before (`latest`), or at or after (`earliest`), a place on the device's clock. */
interface Bound extends DeviceMoment {
  readonly at: number;
}

/**
 * Places the records under one seal, in the order of their log. One of the seal's own start is as long ago as the
 * uptimes say, give or take drift. One of an earlier start is bounded by what follows and what precedes it in the log.
 * Where a device's clock contradicts the order of its log, or the bounds contradict each other (the gateway's clock
 * was stepped between two seals), the interval is left open below: people look at it, and nothing is reordered.
 */
export function trustedTimes(
  records: readonly (DeviceMoment | undefined)[],
  seal: DeviceMoment,
  moment: SealMoment,
  { floor, oscillator = 'crystal' }: TimeContext = {},
): TrustedTimes {
  const drift = DRIFT[oscillator];
  const latest = latestTimes(records, seal, moment.answered, drift);
  let below: Bound | undefined = floor === undefined ? undefined : { boot: 0, uptime: 0, at: floor };
  const intervals = records.map((record, i): TimeInterval => {
    const top = latest[i];
    if (record === undefined || top === undefined) {
      return { earliest: undefined, latest: Math.ceil(moment.answered) };
    }
    const earliest = earliestTime(record, below, seal, moment.asked, drift);
    const isBroken = top.contradicts || (earliest !== undefined && earliest > top.at);
    below = isBroken || earliest === undefined ? undefined : bound(record, earliest);
    return { earliest: isBroken ? undefined : earliest, latest: top.at };
  });
  return { intervals, floor: below?.at };
}

/** The interval of a single record. */
export function trustedInterval(
  record: DeviceMoment,
  seal: DeviceMoment,
  moment: SealMoment,
  context?: TimeContext,
): TimeInterval {
  return trustedTimes([record], seal, moment, context).intervals[0] ?? { latest: Math.ceil(moment.answered) };
}

/** From the newest record back: each start ended before the next began, and within one the uptimes tell. */
function latestTimes(
  records: readonly (DeviceMoment | undefined)[],
  seal: DeviceMoment,
  answered: number,
  drift: number,
): readonly ({ readonly at: number; readonly contradicts: boolean } | undefined)[] {
  let above = bound(seal, answered);
  const out = records.map(() => undefined as { at: number; contradicts: boolean } | undefined);
  for (let i = records.length - 1; i >= 0; i--) {
    const record = records[i];
    if (record === undefined) continue;
    if (record.boot > above.boot || (record.boot === above.boot && record.uptime > above.uptime)) {
      out[i] = { at: Math.ceil(answered), contradicts: true };
      continue;
    }
    const isEarlierBoot = record.boot < above.boot;
    const at = above.at - shortest(above.uptime - (isEarlierBoot ? 0 : record.uptime), drift);
    if (isEarlierBoot) above = bound(record, at);
    out[i] = { at: Math.max(Math.ceil(at), 0), contradicts: false };
  }
  return out;
}

/** The bound below: from the seal in its own start, and never before the records that precede. */
function earliestTime(
  record: DeviceMoment,
  below: Bound | undefined,
  seal: DeviceMoment,
  asked: number,
  drift: number,
): number | undefined {
  const isSealed = record.boot === seal.boot;
  if (!isSealed && below === undefined) return undefined;
  const bySeal = isSealed ? asked - longest(seal.uptime - record.uptime, drift) : 0;
  return Math.floor(Math.max(bySeal, below === undefined ? 0 : after(below, record, drift)));
}

/** Not before `below`, and within one start by as much later as the uptimes say. */
function after(below: Bound, record: DeviceMoment, drift: number): number {
  const isSameBoot = below.boot === record.boot && below.uptime <= record.uptime;
  return below.at + (isSameBoot ? shortest(record.uptime - below.uptime, drift) : 0);
}

function bound({ boot, uptime }: DeviceMoment, at: number): Bound {
  return { boot, uptime, at };
}

/** The longest true time, in seconds, that `uptime` whole seconds of the device can have taken. */
function longest(uptime: number, drift: number): number {
  return (uptime + 1) / (1 - drift);
}

/** And the shortest: both ends of the uptime were rounded down. */
function shortest(uptime: number, drift: number): number {
  return Math.max(uptime - 1, 0) / (1 + drift);
}
