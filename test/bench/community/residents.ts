/** What the residents of one centre do at its readers: they come, they go, now and then they redeem what they gave. */
import {
  approvedBody,
  enrolAction,
  type Evidence,
  KIND,
  type KnownProof,
  punchBody,
  randomBytes,
  type Record,
  redeemBody,
  tagId,
} from '@timeband/protocol';

export const RESIDENTS = 7_000;
/** Bands with keys, one for each resident in ten. */
export const ANSWERING = Array.from({ length: RESIDENTS / 10 }, (_, i) => `band-${i + 1}`);

/** Records under one seal: half of those who come, then, when they have given their time, them again. */
export const SEAL_RECORDS = 50;
const COME = SEAL_RECORDS / 2;
/** What one seal covers, seconds. */
export const STAY_SECONDS = 46 * 60;
/** One seal in two holds a redemption in place of one who comes and goes: fourteen a year for each of them. */
const REDEEMS_ONE_IN = 2;
/** One of those that ask for no more than check-in and check-out. */
export const SERVICE = 601;
/** A haircut. */
const REDEEMED = { service: 202, price: 30, catalogue: 1, supplier: 'party-branch' } as const;

/** One act, as a device would record it, and what the gateway makes of it. */
export interface Act {
  readonly kind: number;
  readonly type: string;
  readonly body: Record['body'];
  readonly band?: string;
  /** Seconds since the first act of its seal. */
  readonly since: number;
  readonly evidence: Evidence;
  readonly minutes?: number;
}

export const tagOf = (resident: number): Uint8Array => {
  const uid = new Uint8Array(7);
  new DataView(uid.buffer).setUint32(3, resident % RESIDENTS);
  return uid;
};

/** That a band belongs to an account, with an approval of the usual size; what it is for is not verified again. */
export function enrolment(band: string, account: string, at: number): Act {
  const action = enrolAction({ nonce: randomBytes(16), at, step: 'issued', account, band });
  const body = approvedBody(action, [{ by: 'certificate', message: randomBytes(100) }]);
  return { kind: KIND.enrol, type: 'enrol', body, since: 0, evidence: 0 };
}

export const accountOf = (resident: number): string => `resident-${resident % RESIDENTS}`;

/** @param turn number of the seal, from 0 @param proof in place of the tag's number */
export function comeAndGo(
  turn: number,
  proof?: (resident: number, out: boolean) => KnownProof | undefined,
): Act[] {
  const first = turn * COME;
  const punch = (i: number, out: boolean): Act => {
    const resident = first + i;
    const uid = tagOf(resident);
    const given = proof?.(resident, out) ?? { kind: 'uid', uid };
    return {
      kind: KIND.punch,
      type: 'punch',
      body: punchBody({ direction: out ? 'out' : 'in', service: SERVICE, proof: given }),
      band: tagId(uid),
      since: (out ? STAY_SECONDS - COME : 0) + i,
      evidence: 2,
      ...(out ? { minutes: Math.floor((STAY_SECONDS - COME) / 60) } : {}),
    };
  };
  const redeems = turn % REDEEMS_ONE_IN === 0;
  const comers = Array.from({ length: redeems ? COME - 1 : COME }, (_, i) => i);
  const acts = [...comers.map((i) => punch(i, false)), ...comers.map((i) => punch(i, true))];
  return redeems ? [...acts, ...redemption(first + COME - 1)] : acts;
}

function redemption(resident: number): Act[] {
  const uid = tagOf(resident);
  const phases = { redemption: randomBytes(16), ...REDEEMED };
  const act = {
    kind: KIND.redeem,
    type: 'redeem',
    since: STAY_SECONDS,
    evidence: 2,
    band: tagId(uid),
  } as const;
  return [
    { ...act, body: redeemBody({ ...phases, phase: 'hold', proof: { kind: 'uid', uid } }) },
    { ...act, body: redeemBody({ ...phases, phase: 'capture' }) },
  ];
}
