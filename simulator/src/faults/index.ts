/** Every fault by its name. */
import type { Fault } from './behaviour.js';
import { CBOR_FAULTS } from './cbor-faults.js';
import { EVIDENCE_FAULTS } from './evidence-faults.js';
import { FRAME_FAULTS } from './frame-faults.js';
import { LOG_FAULTS } from './log-faults.js';

export {
  Behaviours,
  delayed,
  type Behaviour,
  type Fault,
  type FaultContext,
  type LineWrite,
} from './behaviour.js';

const TABLE = { ...FRAME_FAULTS, ...CBOR_FAULTS, ...LOG_FAULTS, ...EVIDENCE_FAULTS };

export type FaultName = keyof typeof TABLE;

/** In the order of the layers: frames, CBOR, log, evidence. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = TABLE;

export const FAULT_NAMES = Object.keys(TABLE) as readonly FaultName[];

/** A fault, and how many occasions it passes up first. */
export interface FaultChoice {
  readonly name: FaultName;
  readonly after: number;
}

/** Reads `NAME` or `NAME:AFTER`; undefined for anything else. */
export function parseFault(text: string): FaultChoice | undefined {
  const [wanted, after = '0', ...rest] = text.split(':');
  const name = FAULT_NAMES.find((known) => known === wanted);
  if (name === undefined || rest.length > 0 || !/^\d{1,6}$/.test(after)) return undefined;
  return { name, after: Number(after) };
}
