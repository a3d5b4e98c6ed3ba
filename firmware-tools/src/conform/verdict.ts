/** How a check ends that does not simply hold, and what it may lack. */

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

/** The device does something else than the specification says. */
export class Nonconformity extends Error {
  override readonly name = 'Nonconformity';
}

/** The check says nothing about this device. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** @throws Nonconformity unless it holds */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Nonconformity(otherwise);
}
