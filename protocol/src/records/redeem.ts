/** Redeem: minutes held for a service, then spent or given back (SPEC.md, Redeem). */
import type { Proof } from '../evidence/proof.js';
import { id, oneOf, proof, reference, service, uint } from './field-types.js';
import { bodyCodec, demand, optional, required } from './layout.js';
import type { PhaseOrder } from './phases.js';

export const REDEEM_PHASE = { hold: 1, capture: 2, release: 3 } as const;
export type RedeemPhase = keyof typeof REDEEM_PHASE;

/** What is held is spent once or given back once. */
export const REDEEM_ORDER: PhaseOrder<RedeemPhase> = {
  start: ['hold'],
  hold: ['capture', 'release'],
  capture: [],
  release: [],
};

/** Why held minutes go back. */
export const RELEASE_REASON = { cancelled: 1, noShow: 2, supplierCancelled: 3, expired: 4 } as const;
export type ReleaseReason = keyof typeof RELEASE_REASON;

export interface Redeem {
  /** Random, 16 bytes, the same through all phases of one redemption: it is captured once. */
  readonly redemption: Uint8Array;
  readonly phase: RedeemPhase;
  /** Number in the catalogue. */
  readonly service: number;
  /** Whole minutes. */
  readonly price: number;
  /** Number of the catalogue that names the price. */
  readonly catalogue: number;
  /** Who gives the service. */
  readonly supplier: string;
  /** Of the band that redeems. Needed for a hold. */
  readonly proof?: Proof | undefined;
  /** The operator who helped: absent for who came alone. */
  readonly assisted?: string | undefined;
  /** Needed for a release. */
  readonly reason?: ReleaseReason | undefined;
}

const NEEDED: Readonly<Record<RedeemPhase, readonly (keyof Redeem)[]>> = {
  hold: ['proof'],
  capture: [],
  release: ['reason'],
};

export const { write: redeemBody, read: readRedeem } = bodyCodec<Redeem>(
  'redeem',
  {
    redemption: required(1, reference),
    phase: required(2, oneOf(REDEEM_PHASE)),
    service: required(3, service),
    price: required(4, uint(1)),
    catalogue: required(5, uint()),
    supplier: required(6, id),
    proof: optional(7, proof),
    assisted: optional(8, id),
    reason: optional(9, oneOf(RELEASE_REASON)),
  },
  (redeem) => {
    demand('redeem', redeem, NEEDED[redeem.phase]);
  },
);
