/** How fast peers are served: each one's forwards in turn, and what does not hold costs whoever sent it a second. */
import type { Timers } from '@timeband/protocol';
import { TokenBucket } from '../uplink/index.js';

/** Forwards of a peer: each costs four signatures to check and one to make. */
const FORWARDS = { perSecond: 40, burst: 80 };
const PENALTY_MS = 1_000;
/** Accounts that are remembered; a site has a handful. */
const MAX_CLIENTS = 256;

interface Client {
  readonly allowance: TokenBucket;
  last: Promise<unknown>;
}

export class PeerPace {
  private readonly clients = new Map<string, Client>();

  constructor(private readonly timers: Timers) {}

  /**
   * Runs `work` after what the same client brought before. Resolves when its next one may come.
   * @param work never rejects; says whether what it got was what it has to be
   */
  inTurn(name: string, work: () => Promise<boolean>): Promise<void> {
    const client = this.clientOf(name);
    const turn = client.last.then(async () => {
      client.allowance.take(1);
      const isGood = await work();
      const rest = Math.max(isGood ? 0 : PENALTY_MS, client.allowance.waitFor(1));
      if (rest > 0) await new Promise<void>((resolve) => this.timers.after(rest, resolve));
    });
    client.last = turn;
    return turn;
  }

  private clientOf(name: string): Client {
    const known = this.clients.get(name);
    const client = known ?? {
      allowance: new TokenBucket(FORWARDS.perSecond, FORWARDS.burst, () => this.timers.now()),
      last: Promise.resolve(),
    };
    // The one used last stands last, and the first is the one to forget.
    this.clients.delete(name);
    this.clients.set(name, client);
    const [oldest] = this.clients.keys();
    if (this.clients.size > MAX_CLIENTS && oldest !== undefined) this.clients.delete(oldest);
    return client;
  }
}
