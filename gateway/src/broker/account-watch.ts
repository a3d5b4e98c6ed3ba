/**
 * Ends the connections of accounts that have been removed, disabled or changed since they logged in. Who is still welcome
 * comes back as the account is now.
 */
import type { Timers } from '@timeband/protocol';
import type { Client } from 'aedes';
import type { Logger } from 'pino';
import type { Account } from './accounts.js';
import type { Counters } from './ports.js';

const LOOK_EVERY_MS = 2_000;

export interface AccountWatchOptions {
  readonly accounts: { readonly find: (name: string) => Account | undefined };
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: Counters;
}

export class AccountWatch {
  private readonly clients = new Map<Client, Account>();
  private cancel: () => void;
  /** Whether the file was unusable at the last look: one line a time is enough. */
  private isBroken = false;

  constructor(private readonly options: AccountWatchOptions) {
    this.cancel = this.schedule();
  }

  admitted(client: Client, account: Account): void {
    this.clients.set(client, account);
  }

  left(client: Client): void {
    this.clients.delete(client);
  }

  close(): void {
    this.cancel();
  }

  private schedule(): () => void {
    return this.options.timers.after(LOOK_EVERY_MS, () => {
      this.look();
      this.cancel = this.schedule();
    });
  }

  private look(): void {
    const { accounts, log, counters } = this.options;
    try {
      for (const [client, account] of this.clients) {
        const current = accounts.find(account.name);
        if (current === account || JSON.stringify(current) === JSON.stringify(account)) continue;
        counters.count('broker/account-changed');
        log.warn({ account: account.name }, 'its account was changed; disconnected');
        client.conn.destroy();
      }
      this.isBroken = false;
    } catch (error) {
      counters.count('broker/accounts-unreadable');
      if (!this.isBroken) log.error({ err: error }, 'the accounts cannot be read: nobody new can log in');
      this.isBroken = true;
    }
  }
}
