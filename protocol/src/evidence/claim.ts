/** What a record claims, and the proof it offers: which records carry one, and what an answer in them has to be for. */
import { KIND } from '../records/kinds.js';
import { readMeal } from '../records/meal.js';
import { readPunch, type Punch } from '../records/punch.js';
import { readRedeem } from '../records/redeem.js';
import { readRequest } from '../records/request.js';
import type { Record } from '../log/record.js';
import type { ChallengeDirection, ChallengeWhat } from '../smp/exchange-commands.js';
import type { Proof } from './proof.js';

export interface Claim {
  readonly proof: Proof;
  readonly what: ChallengeWhat;
  /** Number in the catalogue, 0 where the record has none. */
  readonly service: number;
  readonly direction: ChallengeDirection;
  readonly punch?: Punch;
}

/** The claim of a record; nothing for those that rest on their device's seal alone. @throws CborError, RecordError */
export function claimOf({ kind, body }: Pick<Record, 'kind' | 'body'>): Claim | undefined {
  switch (kind) {
    case KIND.punch: {
      const punch = readPunch(body);
      const { proof, service, direction } = punch;
      return { proof, what: 'punch', service, direction, punch };
    }
    case KIND.redeem: {
      const { proof, service } = readRedeem(body);
      return proof && { proof, what: 'redeem', service, direction: 'none' };
    }
    case KIND.meal:
      return possession(readMeal(body).proof);
    case KIND.request:
      return possession(readRequest(body).proof);
    default:
      return undefined;
  }
}

/** Only that the band was there. */
function possession(proof: Proof | undefined): Claim | undefined {
  return proof && { proof, what: 'possession', service: 0, direction: 'none' };
}
