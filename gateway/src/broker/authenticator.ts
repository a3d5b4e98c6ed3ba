/**
 * Checks a login without giving an attacker time, memory or hints: hashing is bounded, names that do not exist cost
 * as much as those that do, and the answer to a failed login comes later each time. A right password or certificate is
 * never delayed.
 */
import { equalSecret, hmac256, isId, randomBytes, sha256, type Timers } from '@timeband/protocol';
import { type Account, hasPassword } from './accounts.js';
import { BoundedMap } from './bounded-map.js';
import { BrokerError } from './errors.js';
import type { ClientCertificate } from './listeners/client-certificate.js';
import { networkOf } from './listeners/network.js';
import { impossibleHash, matchesHash, MAX_PASSWORD_BYTES } from './scrypt.js';

/** scrypt takes 32 MB for as long as it runs. */
const HASHING_AT_ONCE = 2;
const HASHING_QUEUE = 64;

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** Refusals that wait at once; beyond, they are given without waiting, since each holds a connection. */
const MAX_DELAYED = 64;
/** Failures for many names from one address, or for one name from many, count as one in this many for the login at hand. */
const SHARE = 8;
const FORGET_AFTER_MS = 10 * 60_000;
const REMEMBERED = 1_024;

interface Failures {
  readonly count: number;
  readonly at: number;
}

export class Authenticator {
  private readonly key = randomBytes(32);
  private readonly decoy = impossibleHash();
  /** MACs of logins that were right, so that many reconnections at once cost no hashing. */
  private readonly proven = new BoundedMap<string, Uint8Array>(REMEMBERED);
  private readonly failures = new BoundedMap<string, Failures>(REMEMBERED);
  private readonly waiting: (() => void)[] = [];
  private hashing = 0;
  private closed = false;
  private readonly delayed = new Set<() => void>();

  constructor(
    private readonly accounts: { readonly find: (name: string) => Account | undefined },
    private readonly timers: Timers,
  ) {}

  /**
   * @param remote the address that the login comes from
   * @returns the account, or nothing if there is none with this name and password; that answer takes its time
   * @throws BrokerError `login/busy` when too many wait, or what reading the accounts throws
   */
  async verify(name: string, password: Uint8Array, remote: string): Promise<Account | undefined> {
    const account = this.accounts.find(name);
    if (password.length <= MAX_PASSWORD_BYTES && (await this.matches(account, password))) {
      this.failures.delete(`${networkOf(remote)} ${name}`);
      return account;
    }
    await this.penalty(remote, name);
    return undefined;
  }

  /**
   * @param name the account that the client says it is, if it says one
   * @param remote the address that the login comes from
   * @returns the account of the certificate, or nothing if it is not to be believed or names none; that answer takes
   *   its time
   * @throws what reading the accounts throws
   */
  async verifyCertificate(
    certificate: ClientCertificate,
    name: string | undefined,
    remote: string,
  ): Promise<Account | undefined> {
    const claimed = name ?? certificate.account;
    const isGood =
      certificate.problem === undefined && claimed !== undefined && claimed === certificate.account;
    const account = isGood ? this.accounts.find(claimed) : undefined;
    if (account !== undefined && [undefined, certificate.fingerprint].includes(account.fingerprint)) {
      return account;
    }
    await this.penalty(remote, claimed ?? '');
    return undefined;
  }

  /** Answers at once whoever still waits. */
  close(): void {
    this.closed = true;
    for (const answer of this.delayed) answer();
    for (const proceed of this.waiting.splice(0)) proceed();
  }

  private async matches(account: Account | undefined, password: Uint8Array): Promise<boolean> {
    if (account === undefined || !hasPassword(account)) {
      await this.hash(() => matchesHash(password, this.decoy));
      return false;
    }
    const mac = hmac256(this.key, Buffer.concat([sha256(password), Buffer.from(JSON.stringify(account))]));
    const proven = this.proven.get(account.name);
    if (proven !== undefined && equalSecret(proven, mac)) return true;
    const right = await this.hash(() => matchesHash(password, account));
    if (right) this.proven.set(account.name, mac);
    return right;
  }

  private async hash<T>(work: () => Promise<T>): Promise<T> {
    if (this.hashing >= HASHING_AT_ONCE) {
      if (this.waiting.length >= HASHING_QUEUE)
        throw new BrokerError('login/busy', 'too many logins at once');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.hashing++;
    }
    try {
      if (this.closed) throw new BrokerError('login/busy', 'the broker is closing');
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.hashing--;
      else next();
    }
  }

  private async penalty(remote: string, name: string): Promise<void> {
    const whose = isId(name) ? name : '?'; // a name that cannot be is not worth remembering
    const network = networkOf(remote);
    const count = Math.max(
      this.fail(`${network} ${whose}`),
      this.fail(`${network} `) / SHARE,
      this.fail(` ${whose}`) / SHARE,
    );
    if (this.closed || this.delayed.size >= MAX_DELAYED) return;
    const ms = Math.min(FIRST_DELAY_MS * 2 ** (Math.ceil(count) - 1), MAX_DELAY_MS);
    await new Promise<void>((resolve) => {
      const answer = () => {
        cancel();
        this.delayed.delete(answer);
        resolve();
      };
      const cancel = this.timers.after(ms, answer);
      this.delayed.add(answer);
    });
  }

  private fail(key: string): number {
    const now = this.timers.now();
    const last = this.failures.get(key);
    const count = last === undefined || now - last.at > FORGET_AFTER_MS ? 1 : last.count + 1;
    this.failures.set(key, { count, at: now });
    return count;
  }
}
