/** Every fault of a band's radio by its name. */
import type { BandFault } from '../band/behaviour.js';
import { ANSWER_FAULTS } from './answer-faults.js';
import { HOSTILE_ADVERTS } from './hostile-adverts.js';
import { HOSTILE_PACKETS } from './hostile-packets.js';
import { LINK_FAULTS } from './link-faults.js';

const TABLE = { ...LINK_FAULTS, ...ANSWER_FAULTS, ...HOSTILE_PACKETS, ...HOSTILE_ADVERTS };

export type RadioFaultName = keyof typeof TABLE;

/** Connections first, then answers, then what a hostile stranger sends. */
export const RADIO_FAULTS: Readonly<Record<RadioFaultName, BandFault>> = TABLE;

export const RADIO_FAULT_NAMES = Object.keys(TABLE) as readonly RadioFaultName[];

/** The names of what only an attacker would send. */
export const HOSTILE_NAMES = Object.keys({
  ...HOSTILE_PACKETS,
  ...HOSTILE_ADVERTS,
}) as readonly RadioFaultName[];

export function isRadioFault(text: string): text is RadioFaultName {
  return RADIO_FAULT_NAMES.some((name) => name === text);
}
