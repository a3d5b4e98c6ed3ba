/** What a check of the specification is, and how one ends. */
import type { Lab } from './lab.js';
import type { Need } from './verdict.js';

/** In the order in which they run: what could leave a device in another state comes last. */
export const AREAS = {
  framing: 'Framing',
  packets: 'Packets',
  errors: 'Errors',
  bytes: 'Hostile bytes',
  commands: 'Commands',
  log: 'Records and chain',
  seal: 'Seals',
  trust: 'Trust',
  ack: 'Acks',
  clock: 'Clock',
  feedback: 'Feedback',
  documents: 'Documents',
  provisioning: 'Provisioning',
  session: 'Sessions',
  power: 'Loss of power',
  flash: 'Flash',
} as const;
export type Area = keyof typeof AREAS;

export interface Check {
  /** Its name: `area-what`, unique. */
  readonly id: string;
  readonly area: Area;
  /** The heading in SPEC.md that asks for it. */
  readonly section: string;
  /** What a device does that conforms: a sentence without a subject. */
  readonly title: string;
  readonly needs?: readonly Need[];
  /** @throws Nonconformity, NotApplicable; whatever else is thrown is a failure too */
  readonly run: (lab: Lab) => Promise<void>;
}

/** Checks of one area, each from its section on. */
export function checksOf(area: Area, checks: readonly Omit<Check, 'area'>[]): readonly Check[] {
  return checks.map((check) => ({ ...check, area }));
}
