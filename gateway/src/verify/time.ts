/** When a record happened, as an interval the gateway can answer for: never the device's word alone. */
import type { Record, Seal, TimeInterval } from '@timeband/protocol';

/** Between asking for a seal and having its answer, on the gateway's clock, Unix seconds. */
export interface SealMoment {
  readonly asked: number;
  readonly answered: number;
}

/** Crystal of a reader or band: 50 parts per million. */
const DRIFT = 50e-6;
/** Uptimes are whole seconds, rounded down, at both ends. */
const GRANULARITY = 1;

/**
 * A seal pins (boot, uptime) to the gateway's clock, so a record of the same boot happened as long before it as the
 * device's uptime says, give or take drift. A record of an earlier boot happened before this boot began and not
 * before the records that precede it in its log (`floor`); where there are none, its beginning is open.
 */
export function trustedInterval(
  record: Pick<Record, 'boot' | 'uptime'>,
  seal: Pick<Seal, 'boot' | 'uptime'>,
  moment: SealMoment,
  floor: number | undefined,
): TimeInterval {
  if (record.boot === seal.boot && record.uptime <= seal.uptime) {
    const ago = seal.uptime - record.uptime;
    return {
      earliest: Math.max(Math.floor(moment.asked - ago * (1 + DRIFT) - GRANULARITY), floor ?? 0),
      latest: Math.ceil(moment.answered - ago * (1 - DRIFT) + GRANULARITY),
    };
  }
  const bootBegan = Math.ceil(moment.answered - seal.uptime * (1 - DRIFT) + GRANULARITY);
  return { earliest: floor, latest: bootBegan };
}
