/** Every break by its name. */
import { ANSWER_BREAKS } from './answers.js';
import type { Break } from './break.js';
import { FRAMING_BREAKS } from './framing.js';
import { PACKET_BREAKS } from './packets.js';
import { POWER_BREAKS } from './power.js';
import { SESSION_BREAKS } from './session.js';
import { TRUST_BREAKS } from './trust.js';

export type { Break } from './break.js';

const TABLE = {
  ...FRAMING_BREAKS,
  ...PACKET_BREAKS,
  ...ANSWER_BREAKS,
  ...TRUST_BREAKS,
  ...SESSION_BREAKS,
  ...POWER_BREAKS,
};

export type BreakName = keyof typeof TABLE;

export const BREAKS: Readonly<Record<BreakName, Break>> = TABLE;

export const BREAK_NAMES = Object.keys(TABLE) as readonly BreakName[];

export function isBreakName(text: string): text is BreakName {
  return Object.hasOwn(TABLE, text);
}
