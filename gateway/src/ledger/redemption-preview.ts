/** What a redemption at a reader will come to, said before it is sealed: nobody is to cut hair for minutes that are not there. */
import type { Claim, Judgement } from './claim.js';
import type { Fact } from './fact.js';
import type { Rules } from './rules.js';
import type { Preview } from './visits.js';

/** What it is judged by. */
export interface Considering {
  /** What a fact would come to as the newest of its account; nothing where it is nobody's. */
  readonly consider: (fact: Fact) => { readonly claim: Claim; readonly judgement: Judgement } | undefined;
  /** Whether a hold is in the ledger already. */
  readonly isHeld: (redemption: string) => boolean;
  readonly minutesOf: (account: string) => number;
  readonly rules: () => Rules;
}

interface Waiting {
  readonly redemption: string;
  readonly account: string;
  readonly price: number;
  /** Unix seconds. */
  readonly at: number;
}

/** Seconds after which a hold that was accepted and is not in the ledger is not waited for. */
const WAITS = 60;
/** Holds that wait for their seal, over all readers. */
const MOST_WAITING = 256;

const TOO_FEW: Preview = { outcome: 'refused', because: 'tooFew' };

export class RedemptionPreview {
  /** Accepted, and not in the ledger yet: the same minutes are not promised twice. */
  private waiting: readonly Waiting[] = [];

  constructor(private readonly by: Considering) {}

  preview(fact: Fact): Preview {
    const { says, place } = fact;
    const considered = this.by.consider(fact);
    // A capture of a hold that is not sealed yet is nobody's so far; a hold by a band that is nobody's stays so.
    if (considered === undefined)
      return says.kind === 'hold' ? { outcome: 'refused', because: 'unknown' } : { outcome: 'queued' };
    const { claim, judgement } = considered;
    if (judgement.outcome === 'floor') return TOO_FEW;
    if (judgement.outcome !== 'posted') return { outcome: 'refused' };
    const { account } = claim;
    const { minutes } = judgement;
    const left = this.by.minutesOf(account) - this.promised(account, place.at, redemptionOf(claim));
    if (claim.said.kind !== 'hold')
      return accepted(minutes, claim.said.kind === 'release' ? left + minutes : left);
    if (left - minutes < this.by.rules().floor) return TOO_FEW;
    const one = { redemption: claim.said.redemption, account, price: minutes, at: place.at };
    const others = this.waiting.filter(({ redemption }) => redemption !== one.redemption);
    this.waiting = [...others, one].slice(-MOST_WAITING);
    return accepted(minutes, left - minutes);
  }

  private promised(account: string, at: number, except: string | undefined): number {
    this.waiting = this.waiting.filter((one) => one.at > at - WAITS && !this.by.isHeld(one.redemption));
    return this.waiting
      .filter((one) => one.account === account && one.redemption !== except)
      .reduce((sum, { price }) => sum + price, 0);
  }
}

function redemptionOf({ said }: Claim): string | undefined {
  return 'redemption' in said ? said.redemption : undefined;
}

/** A balance below zero, which rules can allow, has no place in a feedback. */
function accepted(minutes: number, balance: number): Preview {
  return { outcome: 'accepted', minutes, ...(balance >= 0 && { balance }) };
}
