/** What a record claims of an account, before anybody has judged it. */
import type { CorrectionSort, Evidence, ReleaseReason, TimeInterval, TransferSort } from '@timeband/protocol';
import type { Place } from './place.js';

/** By what a wearer has proven to be there. */
export interface Presence {
  /** The band or tag. */
  readonly band: string;
  readonly evidence: Evidence;
  /** Staff helped. */
  readonly assisted: boolean;
}

export type Said =
  /** A check-in or check-out. */
  | {
      readonly kind: 'in' | 'out';
      readonly service: number;
      readonly time: TimeInterval;
      readonly by: Presence;
    }
  /** Two bands were together; the claim is the provider's. */
  | {
      readonly kind: 'visit';
      readonly service: number;
      /** When it ended. */
      readonly time: TimeInterval;
      readonly seconds: number;
      readonly minutes: number;
      /** Band of the other. */
      readonly recipient: string;
      readonly by: Presence;
      /** The act that both bands have logged, in hexadecimal. */
      readonly act: string;
    }
  /** Time that was spent in a group, or settling a quarrel: its record says from when to when. */
  | {
      readonly kind: 'session';
      readonly service: number;
      readonly started: number;
      readonly ended: number;
      /** The activity that it was the organiser's time for, in hexadecimal. */
      readonly activity: string | undefined;
    }
  /** Who was at an activity and did not check out stayed to its end. */
  | {
      readonly kind: 'attended';
      readonly service: number;
      readonly activity: string;
      readonly organiser: string;
      readonly ended: number;
    }
  | {
      readonly kind: 'hold';
      readonly redemption: string;
      readonly service: number;
      readonly price: number;
      readonly catalogue: number;
      /** The gateway heard of it only later. */
      readonly offline: boolean;
      readonly by: Presence;
    }
  | { readonly kind: 'capture'; readonly redemption: string }
  | { readonly kind: 'release'; readonly redemption: string; readonly reason: ReleaseReason | undefined }
  | {
      readonly kind: 'give';
      readonly to: string;
      readonly minutes: number;
      readonly sort: TransferSort;
      /** Id of what people approved, in hexadecimal. */
      readonly action: string;
    }
  /** The other end of a `give`. */
  | { readonly kind: 'take'; readonly from: string; readonly sort: TransferSort; readonly action: string }
  | {
      readonly kind: 'correct';
      readonly sort: CorrectionSort;
      readonly service: number | undefined;
      /** Added; taken away where negative. */
      readonly minutes: number;
      readonly action: string;
    };

export interface Claim {
  readonly place: Place;
  readonly account: string;
  /** Position of the event that it comes from: the evidence of whatever is posted. */
  readonly event: number;
  readonly said: Said;
}

/** What became of a claim. */
export const OUTCOME = {
  /** Minutes were posted. */
  posted: 0,
  /** It counts and moves no minutes: a check-in, a release of nothing. */
  noted: 1,
  /** Another record of something that counts already. */
  copy: 2,
  /** A check-in while one is open. */
  doubleIn: 10,
  /** A check-out without a check-in. */
  noIn: 11,
  /** Less than is worth a posting. */
  tooShort: 12,
  /** Left open too long, or its times say nothing. */
  unclosed: 20,
  /** The same time was credited already. */
  overlap: 21,
  /** Proven less than the service asks for. */
  evidence: 22,
  /** Weaker than the account's own band, and no staff with it. */
  weaker: 23,
  /** More than a weak proof may earn or spend a day. */
  weakCap: 24,
  /** More a day than goes without an approver. */
  dayApproval: 25,
  /** More a day than there is. */
  dayLimit: 26,
  /** Giver and taker of a service are the same, or not known. */
  self: 27,
  noRecipient: 28,
  /** The same two people too often. */
  pair: 29,
  /** The account is full. */
  accountFull: 30,
  noService: 31,
  notRedeemable: 32,
  wrongPrice: 33,
  /** Not enough minutes. */
  floor: 34,
  /** More was redeemed while the gateway was away than may be. */
  offlineCap: 35,
  /** It follows nothing, or not in this order. */
  order: 36,
  /** Held too long ago. */
  expired: 37,
  /** The roster of the activity is not that of who checked in at it. */
  roster: 38,
  /** Welcomed already. */
  welcomed: 39,
  /** Not from the fund, or not with the minutes that the rules say. */
  notWelcome: 40,
} as const;
export type Outcome = keyof typeof OUTCOME;

/** Outcomes that people should look at: somebody may have minutes coming to them. */
const FOR_REVIEW: ReadonlySet<Outcome> = new Set<Outcome>([
  ...(['unclosed', 'overlap', 'evidence', 'weaker', 'weakCap', 'dayApproval', 'dayLimit', 'self'] as const),
  ...([
    'noRecipient',
    'pair',
    'accountFull',
    'noService',
    'wrongPrice',
    'floor',
    'offlineCap',
    'expired',
    'roster',
  ] as const),
]);

export function needsReview(outcome: Outcome): boolean {
  return FOR_REVIEW.has(outcome);
}

export interface Judgement {
  readonly outcome: Outcome;
  /** What moves: whole minutes, rounded; 0 unless posted. Negative for a correction that takes away. */
  readonly minutes: number;
  /** What was measured, in whole minutes, where something was. */
  readonly exact?: number | undefined;
}
