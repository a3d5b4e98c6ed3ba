/**
 * Gives back what was held too long ago to be spent: nobody may ever say at the reader that nobody came. The gateway says it in
 * its own log, once for each, and after a crash or a restart as well: whether it was said follows from the records.
 */
import {
  type CborMap,
  decodeRecord,
  fromHex,
  KIND,
  readRedeem,
  redeemBody,
  type Timers,
} from '@timeband/protocol';
import type { Logger } from 'pino';
import { nextTurn } from '../next-turn.js';
import { Rounds } from '../rounds.js';
import type { Store } from '../store/index.js';
import { account } from './entry.js';
import { type OpenHold, openHolds } from './holds.js';
import type { Ledger } from './ledger.js';

export interface ExpiredHoldsOptions {
  readonly store: Pick<Store, 'ledger' | 'facts'>;
  readonly ledger: Pick<Ledger, 'balance' | 'lines' | 'policy'>;
  readonly ownLog: {
    readonly logIf: (kind: number, body: () => CborMap | undefined) => Promise<unknown>;
  };
  /** Trusted time, Unix seconds; nothing as long as the clock is not set, and nothing is given back then. */
  readonly now: () => number | undefined;
  readonly timers: Timers;
  readonly counters: { count: (name: string, label?: string) => void };
  readonly log: Logger;
}

const EVERY_MS = 3_600_000;
/** Accounts looked at before others have their turn. */
const AT_ONCE = 50;
const DAY_SECONDS = 86_400;

export class ExpiredHolds {
  private readonly rounds: Rounds;

  constructor(private readonly options: ExpiredHoldsOptions) {
    this.rounds = new Rounds(() => this.look(), EVERY_MS, options.timers);
  }

  /** Looks now and from now on, until closed. */
  start(): void {
    this.rounds.start();
  }

  /** Resolves when what was being said is durable. */
  close(): Promise<void> {
    return this.rounds.close();
  }

  private async look(): Promise<void> {
    const { store, counters, log } = this.options;
    try {
      const held = account.held('');
      for (
        let after = '', rows;
        (rows = store.ledger.findAccounts('own', held, after, AT_ONCE)).length > 0;
      ) {
        for (const { name, balance } of rows) {
          if (balance > 0) await this.giveBack(name.slice(held.length));
          if (this.rounds.isClosed) return;
        }
        after = rows.at(-1)?.name ?? '';
        await nextTurn();
      }
    } catch (error) {
      counters.count('release-failed');
      log.error({ err: error }, 'what was held too long cannot be given back: trying again in an hour');
    }
  }

  private async giveBack(of: string): Promise<void> {
    const { ownLog, log } = this.options;
    for (const { redemption } of this.expired(of)) {
      const logged = await ownLog.logIf(KIND.redeem, () => {
        const hold = this.expired(of).find((other) => other.redemption === redemption);
        return hold && this.release(hold);
      });
      if (logged === undefined || this.rounds.isClosed) return;
      log.info({ redemption }, 'what was held too long was given back');
    }
  }

  private expired(of: string): readonly OpenHold[] {
    const { ledger } = this.options;
    const now = this.options.now();
    if (now === undefined) return [];
    const before = now - ledger.policy.rules.holdDays * DAY_SECONDS;
    return openHolds(ledger, of).filter(({ at }) => at < before);
  }

  private release({ redemption, event }: OpenHold): CborMap | undefined {
    const [held] = this.options.store.facts(event, event);
    if (held === undefined) return undefined;
    const { service, price, catalogue, supplier } = readRedeem(decodeRecord(held.record).body);
    return redeemBody({
      ...{ redemption: fromHex(redemption), phase: 'release', reason: 'expired' },
      ...{ service, price, catalogue, supplier },
    });
  }
}
