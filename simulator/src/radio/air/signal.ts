/** Signal strength by distance, and what of it arrives. Log-distance path loss with shadowing, as indoors at 2.4 GHz. */
import type { Random } from '../../random.js';

/** Metres in a plane. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Where something is at a moment in milliseconds on the radio's clock. */
export type Path = (now: number) => Position;

/** dBm that arrive at one metre from a band on a wrist that sends at 0 dBm. */
const DBM_AT_ONE_METRE = -52;
const PATH_LOSS_EXPONENT = 2.4;
/** dB by which bodies and walls vary a single packet's strength. */
const SHADOWING_DB = 3;

/** dBm at which half of the packets are lost, and how steep that is in dB. */
const SENSITIVITY_DBM = -94;
const STEEPNESS_DB = 1.2;

export function standingAt(x: number, y: number): Path {
  const position = { x, y };
  return () => position;
}

/** Straight from one point to another and back, for ever. */
export function walkingBetween(from: Position, to: Position, metresPerSecond: number): Path {
  const metres = Math.hypot(to.x - from.x, to.y - from.y);
  return (now) => {
    const walked = metres === 0 ? 0 : ((now / 1_000) * metresPerSecond) % (2 * metres);
    const share = metres === 0 ? 0 : (walked <= metres ? walked : 2 * metres - walked) / metres;
    return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
  };
}

/** dBm of one packet between two places. */
export function signalStrength(a: Position, b: Position, random: Random): number {
  const metres = Math.max(0.1, Math.hypot(a.x - b.x, a.y - b.y));
  // The mean of four uniforms is near enough to normal; 1.73 makes its deviation 1.
  const shadow = (random.next() + random.next() + random.next() + random.next() - 2) * 1.73;
  return DBM_AT_ONE_METRE - 10 * PATH_LOSS_EXPONENT * Math.log10(metres) + SHADOWING_DB * shadow;
}

/** Probability that a packet of this strength is lost. */
export function lossAt(dbm: number): number {
  return 1 / (1 + Math.exp((dbm - SENSITIVITY_DBM) / STEEPNESS_DB));
}
