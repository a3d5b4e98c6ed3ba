/**
 * What a reader does about redemptions: minutes are held by a band, and what became of that is entered at the same reader later
 * (SPEC.md, Redeem). What is open follows from the reader's own log, so it survives a loss of power.
 */
import {
  decodeRecord,
  type Feedback,
  KIND,
  type KnownProof,
  POLICY_TYPE,
  randomBytes,
  readRedeem,
  type Redeem,
  redeemBody,
  type ReleaseReason,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import type { Device } from './device.js';

const ID_BYTES = 16;
/** Of a reader that was given no catalogue: the one that a gateway comes with. */
const STARTER = 0;

export interface NewHold {
  readonly service: number;
  /** Whole minutes. */
  readonly price: number;
  /** Account of who gives the service. */
  readonly supplier: string;
  readonly proof: KnownProof;
}

/** Minutes that were held here, and are neither spent nor given back. */
export interface OpenHold {
  /** Number of the hold in the reader's log: what people call it by. */
  readonly seq: number;
  readonly redeem: Redeem;
}

export type Entered = { readonly seq: number } | { readonly problem: string };

export class Redemptions {
  /** Records that the gateway said no to, until the next start: nothing was held, or it is not ended. */
  private readonly refused = new Set<number>();

  constructor(private readonly device: Pick<Device, 'identity' | 'records' | 'record' | 'policies'>) {}

  hold({ service, price, supplier, proof }: NewHold): Entered {
    const redemption = randomBytes(ID_BYTES);
    const { number = STARTER } =
      this.device.policies().find(({ type }) => type === POLICY_TYPE.catalogue) ?? {};
    return this.log({ redemption, phase: 'hold', service, price, catalogue: number, supplier, proof });
  }

  /** It was given: the minutes are spent. @param seq of the hold; the only one that is open when left out */
  capture(seq: number | undefined): Entered {
    return this.end(seq, { phase: 'capture' });
  }

  /** It was not: the minutes go back. */
  release(seq: number | undefined, reason: ReleaseReason): Entered {
    return this.end(seq, { phase: 'release', reason });
  }

  /** In the order in which they were held. */
  open(): OpenHold[] {
    const open = new Map<string, OpenHold>();
    for (const { seq, redeem } of this.logged()) {
      if (this.refused.has(seq)) continue;
      const name = toHex(redeem.redemption);
      if (redeem.phase === 'hold') open.set(name, { seq, redeem });
      else open.delete(name);
    }
    return [...open.values()];
  }

  /** What the gateway says of a record: a hold that it refuses is none. */
  shown({ seq, outcome }: Pick<Feedback, 'seq' | 'outcome'>): void {
    if (outcome === 'refused') this.refused.add(seq);
  }

  private end(seq: number | undefined, how: Pick<Redeem, 'phase' | 'reason'>): Entered {
    const open = this.open();
    const [only] = open;
    const found =
      seq === undefined ? (open.length === 1 ? only : undefined) : open.find((one) => one.seq === seq);
    if (found !== undefined) {
      const { redemption, service, price, catalogue, supplier } = found.redeem;
      return this.log({ redemption, service, price, catalogue, supplier, ...how });
    }
    if (open.length === 0) return { problem: 'nothing is held here' };
    const which = open
      .map((one) => `${one.seq} (${one.redeem.service}, ${one.redeem.price} minutes)`)
      .join(', ');
    return { problem: `say which; held are ${which}` };
  }

  private log(redeem: Redeem): Entered {
    const result = this.device.record(KIND.redeem, redeemBody(redeem));
    return 'logged' in result ? { seq: result.logged } : { problem: 'the flash is full' };
  }

  private *logged(): Generator<OpenHold> {
    let from = this.device.identity().oldest;
    for (;;) {
      const [bytes] = this.device.records(from, (_, taken) => taken === 0);
      if (bytes === undefined) return;
      const redeem = redeemIn(bytes);
      if (redeem !== undefined) yield { seq: from, redeem };
      from++;
    }
  }
}

/** Nothing where it is a record of another kind, or one that was damaged on purpose. */
function redeemIn(bytes: Uint8Array): Redeem | undefined {
  try {
    const { kind, body } = decodeRecord(bytes);
    return kind === KIND.redeem ? readRedeem(body) : undefined;
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
