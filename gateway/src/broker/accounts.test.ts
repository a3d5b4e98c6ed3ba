import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  addAccount,
  addCertificateAccount,
  bindCertificate,
  removeAccount,
  setDisabled,
  setPassword,
} from './account-changes.js';
import { Accounts, hasPassword, readAccounts } from './accounts.js';
import { isGrantable } from './acl.js';
import { BrokerError } from './errors.js';
import { matchesHash } from './scrypt.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'timeband-accounts-'));
  file = join(folder, 'accounts.json');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The code with which `action` fails. */
async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'accepted';
  } catch (error) {
    if (error instanceof BrokerError) return error.code;
    throw error;
  }
}

describe('the accounts file', () => {
  it('gives each new account a password of its own and keeps only its hash', async () => {
    const first = await addAccount(file, 'lunch-round', 'subscriber');
    const second = await addAccount(file, 'console', 'console');
    expect(first).toMatch(/^[\w-]{24}$/);
    expect(second).not.toBe(first);
    expect(readFileSync(file, 'utf8')).not.toContain(first);
    const account = new Accounts(file).find('lunch-round');
    expect(account?.role).toBe('subscriber');
    if (account === undefined || !hasPassword(account)) throw new Error('no password');
    expect(await matchesHash(Buffer.from(first), account)).toBe(true);
    expect(await matchesHash(Buffer.from(second), account)).toBe(false);
  });

  it('can be read by its owner only, however the umask is set', async () => {
    await addAccount(file, 'console', 'console');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is refused when others can read it, with the command that helps', async () => {
    await addAccount(file, 'console', 'console');
    chmodSync(file, 0o640);
    expect(() => new Accounts(file)).toThrow(`chmod 600 ${file}`);
    expect(await codeOf(() => new Accounts(file))).toBe('accounts/mode');
    expect(await codeOf(() => addAccount(file, 'more', 'console'))).toBe('accounts/mode');
  });

  it('takes an account added while it is open', async () => {
    await addAccount(file, 'one', 'subscriber');
    const accounts = new Accounts(file);
    expect(accounts.find('two')).toBeUndefined();
    await addAccount(file, 'two', 'subscriber');
    expect(accounts.find('two')?.name).toBe('two');
  });

  it('refuses a name twice, a name that cannot stand in a topic, and a change while another is under way', async () => {
    await addAccount(file, 'one', 'subscriber');
    expect(await codeOf(() => addAccount(file, 'one', 'console'))).toBe('accounts/exists');
    for (const name of ['', 'One', 'a/b', '张', '__proto__']) {
      expect(await codeOf(() => addAccount(file, name, 'console'))).toBe('accounts/name');
    }
    writeFileSync(`${file}.new`, '');
    expect(await codeOf(() => addAccount(file, 'two', 'console'))).toBe('accounts/locked');
    expect(new Accounts(file).find('one')?.role).toBe('subscriber');
  });

  it.each([
    ['no JSON', 'not json'],
    ['no list', '{}'],
    ['a role that is not known', '[{"name":"a","role":"root","salt":"s","hash":"h","N":32768,"r":8,"p":1}]'],
    ['a field too many', '[{"name":"a","role":"peer","password":"x"}]'],
  ])('is refused when it holds %s', async (_, content) => {
    writeFileSync(file, content, { mode: 0o600 });
    expect(await codeOf(() => new Accounts(file))).toBe('accounts/shape');
  });

  it('is refused when a hash would cost nothing or everything', async () => {
    await addAccount(file, 'one', 'subscriber');
    const good = readFileSync(file, 'utf8');
    for (const N of [2, 2 ** 24, 40_000]) {
      writeFileSync(file, good.replace('32768', String(N)));
      expect(await codeOf(() => new Accounts(file))).toBe('accounts/shape');
    }
  });

  it('is refused when half a password is in it', async () => {
    await addAccount(file, 'one', 'subscriber');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"salt": .*/, ''));
    expect(await codeOf(() => new Accounts(file))).toBe('accounts/shape');
  });

  it('takes a password that is given, and refuses one that is too short to guess late or too long to hash', async () => {
    const given = 'three plain words';
    expect(await addAccount(file, 'one', 'subscriber', { password: given })).toBe(given);
    for (const password of ['', 'elevenchars', 'x'.repeat(257)]) {
      expect(await codeOf(() => addAccount(file, 'two', 'subscriber', { password }))).toBe(
        'accounts/password',
      );
      expect(await codeOf(() => setPassword(file, 'one', password))).toBe('accounts/password');
    }
    expect(readAccounts(file).map(({ name }) => name)).toEqual(['one']);
  });

  it('gives an account another password, and a first one to an account of certificates', async () => {
    await addAccount(file, 'one', 'subscriber');
    addCertificateAccount(file, 'two', 'console');
    const accounts = new Accounts(file);
    const two = accounts.find('two');
    expect(two !== undefined && hasPassword(two)).toBe(false);
    for (const name of ['one', 'two']) {
      const password = await setPassword(file, name);
      const account = accounts.find(name);
      if (account === undefined || !hasPassword(account)) throw new Error('no password');
      expect(await matchesHash(Buffer.from(password), account)).toBe(true);
    }
  });

  it('finds nobody who is disabled or removed, and everybody who is enabled again', async () => {
    await addAccount(file, 'one', 'subscriber', { subscribe: ['sensors/#'] });
    addCertificateAccount(file, 'two', 'peer');
    const before = readAccounts(file);
    const accounts = new Accounts(file);
    setDisabled(file, 'one', true);
    expect(accounts.find('one')).toBeUndefined();
    expect(accounts.find('two')?.role).toBe('peer');
    setDisabled(file, 'one', false);
    expect(readAccounts(file)).toEqual(before);
    removeAccount(file, 'one');
    expect(accounts.find('one')).toBeUndefined();
    expect(readAccounts(file)).toEqual(before.slice(1));
  });

  it('misses an account that is to be changed and is not there', async () => {
    await addAccount(file, 'one', 'subscriber');
    expect(await codeOf(() => setPassword(file, 'two'))).toBe('accounts/unknown');
    expect(
      await codeOf(() => {
        setDisabled(file, 'two', true);
      }),
    ).toBe('accounts/unknown');
    expect(
      await codeOf(() => {
        removeAccount(file, 'two');
      }),
    ).toBe('accounts/unknown');
    expect(
      await codeOf(() => {
        bindCertificate(file, 'two', 'a'.repeat(64));
      }),
    ).toBe('accounts/unknown');
    expect(await codeOf(() => addAccount(file, 'two', 'subscriber'))).toBe('accepted'); // nothing was left locked
  });

  it('loses no account when many are added at once: each is there or was refused', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `display-${i}`);
    await Promise.all(names.map((name) => addAccount(file, name, 'subscriber')));
    expect(
      readAccounts(file)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());
  });

  it.each(['tb/#', 'tb', 'tb/1/dahaiyang/gw-1/status', '$SYS/#', 'a/#/b', 'a+', '', 'a\0b', '$share/g/a'])(
    'grants nobody "%s"',
    async (filter) => {
      const grant = { publish: [filter] };
      expect(await codeOf(() => addAccount(file, 'one', 'operator', grant))).toBe('accounts/filter');
      await addAccount(file, 'two', 'operator');
      const [account] = readAccounts(file);
      writeFileSync(file, JSON.stringify([{ ...account, subscribe: [filter] }]));
      expect(await codeOf(() => new Accounts(file))).toBe('accounts/shape');
    },
  );

  it('grants no filter that names topics of a gateway or of the broker, whatever it is', () => {
    const level = fc.constantFrom('tb', '1', '#', '+', '$SYS', 'sensors', 'x+', '');
    const filter = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
    fc.assert(
      fc.property(filter, (given) => {
        const first = given.split('/')[0] ?? '';
        if (isGrantable(given)) expect(['sensors', '1', '', '+', '#']).toContain(first);
      }),
    );
  });

  it('is missed', async () => {
    expect(await codeOf(() => new Accounts(file))).toBe('accounts/missing');
  });
});
