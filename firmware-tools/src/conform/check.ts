/** What a check of the specification is, and how one ends. */
import type { Lab } from './lab.js';

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

/** What a check cannot do without, and why it is left out otherwise. */
export const NEEDS = {
  /** Bytes below the packets. */
  line: 'packets have no framing on this transport',
  /** Whoever certifies gateways of the device's site. */
  issuer: "it takes the key of the site's issuer, to be its gateway (--issuer-key)",
  session: 'the device demands no session on this link',
  power: 'it interrupts the device or fills its log (--destructive)',
} as const;
export type Need = keyof typeof NEEDS;

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

/** The device does something else than the specification says. */
export class Nonconformity extends Error {
  override readonly name = 'Nonconformity';
}

/** The check says nothing about this device. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** Checks of one area, each from its section on. */
export function checksOf(area: Area, checks: readonly Omit<Check, 'area'>[]): readonly Check[] {
  return checks.map((check) => ({ ...check, area }));
}

/** @throws Nonconformity unless it holds */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Nonconformity(otherwise);
}
