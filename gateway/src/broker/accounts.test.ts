import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts, addAccount } from './accounts.js';
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
    if (account === undefined) return;
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

  it('is missed', async () => {
    expect(await codeOf(() => new Accounts(file))).toBe('accounts/missing');
  });
});
