/** What a seal says, before anybody has verified it. */
import type { DeviceTime, Seal } from '@timeband/protocol';
import { readSeal } from '../../conform/readings.js';

const QUALITY_SET = 2;

/** For showing to a person, never for trusting. @throws CoseError, CborError when it is no seal at all */
export function readUnverifiedSeal(bytes: Uint8Array): Seal {
  const { quality, wall, age, ...seal } = readSeal(bytes).seal;
  return { ...seal, time: timeOf(quality, wall, age) };
}

function timeOf(quality: number, wall: number | undefined, age: number | undefined): DeviceTime {
  if (wall === undefined) return { quality: 'unset' };
  return quality === QUALITY_SET && age !== undefined
    ? { quality: 'set', wall, age }
    : { quality: 'free-running', wall };
}
