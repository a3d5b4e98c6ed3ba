import { describe, expect, it } from 'vitest';
import { ManualTimers } from '@timeband/protocol/testing';
import { until } from './broker.test.support.js';
import type { Account } from './accounts.js';
import { BrokerError } from './errors.js';
import { Authenticator } from './authenticator.js';
import { hashPassword } from './scrypt.js';

const RIGHT = Buffer.from('a right password');
const WRONG = Buffer.from('wrong');
const HERE = '127.0.0.1';
const SUB: Account = { name: 'sub', role: 'subscriber', ...(await hashPassword(RIGHT)) };
const accounts = { find: (name: string) => (name === 'sub' ? SUB : undefined) };

/** Milliseconds on the manual clock until a login is answered. */
async function answeredAfter(timers: ManualTimers, answer: Promise<unknown>): Promise<number> {
  const start = timers.now();
  const state = { answered: false };
  void answer.then(() => (state.answered = true));
  while (!state.answered) await timers.run(50);
  return timers.now() - start;
}

describe('a login', () => {
  it('succeeds with the right password only', async () => {
    const timers = new ManualTimers();
    const login = new Authenticator(accounts, timers);
    expect(await login.verify('sub', RIGHT, HERE)).toMatchObject({ name: 'sub', role: 'subscriber' });
    const wrong = login.verify('sub', WRONG, HERE);
    await answeredAfter(timers, wrong);
    expect(await wrong).toBeUndefined();
  });

  it('is refused after a time that doubles, and a right password is never delayed', async () => {
    const timers = new ManualTimers();
    const login = new Authenticator(accounts, timers);
    const delays: number[] = [];
    for (let i = 0; i < 4; i++) delays.push(await answeredAfter(timers, login.verify('sub', WRONG, HERE)));
    expect(delays.map((delay, i) => delay >= 100 * 2 ** i)).toEqual([true, true, true, true]);
    const before = timers.now();
    expect(await login.verify('sub', RIGHT, HERE)).toBeDefined();
    expect(timers.now()).toBe(before);
  });

  it('hashes for a name that does not exist as for one that does', async () => {
    const timers = new ManualTimers();
    const login = new Authenticator(accounts, timers);
    const cost = async (name: string) => {
      const before = process.cpuUsage().user;
      await answeredAfter(timers, login.verify(name, WRONG, HERE));
      return process.cpuUsage(undefined).user - before;
    };
    const known = await cost('sub');
    const unknown = await cost('nobody');
    expect(unknown).toBeGreaterThan(known / 3);
  });

  it('hashes a password once: many reconnections cost nothing more', async () => {
    const login = new Authenticator(accounts, new ManualTimers());
    await login.verify('sub', RIGHT, HERE);
    // More than could ever wait for a hash at once.
    const again = await Promise.all(Array.from({ length: 200 }, () => login.verify('sub', RIGHT, HERE)));
    expect(again.every((account) => account?.name === 'sub')).toBe(true);
  });

  it('does not outlive a change of the password', async () => {
    const timers = new ManualTimers();
    let account = SUB;
    const login = new Authenticator({ find: () => account }, timers);
    expect(await login.verify('sub', RIGHT, HERE)).toBeDefined();
    account = { ...SUB, hash: 'A'.repeat(43) };
    const again = login.verify('sub', RIGHT, HERE);
    await answeredAfter(timers, again);
    expect(await again).toBeUndefined();
  });

  it('is refused outright when too many wait, and closing answers all of them', async () => {
    const timers = new ManualTimers();
    const login = new Authenticator(accounts, timers);
    const results: string[] = [];
    for (let i = 0; i < 80; i++) {
      void login.verify(`nobody-${i}`, WRONG, HERE).then(
        () => results.push('refused'),
        (error: unknown) => results.push(error instanceof BrokerError ? error.code : 'other'),
      );
    }
    await until(() => results.length > 0);
    expect(results.filter((result) => result === 'login/busy')).toHaveLength(80 - 2 - 64);
    login.close();
    await until(() => results.length === 80);
    expect(results).not.toContain('other');
  });
});
