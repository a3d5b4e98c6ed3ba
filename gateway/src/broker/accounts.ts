/** The accounts file: who may log in to the broker, in which role. Passwords are stored as hashes only. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isId } from '@timeband/protocol';
import { z } from 'zod';
import { ROLES, type Role } from './acl.js';
import { BrokerError } from './errors.js';
import { hashPassword } from './scrypt.js';

const base64url = z.string().regex(/^[\w-]+$/, 'not base64url');

// Costs are bounded on both sides: a weak hash gives the password away, a huge one stops the gateway.
const accountSchema = z.strictObject({
  name: z.string().refine(isId, 'not an id: lower-case letters, digits and single hyphens, at most 40'),
  role: z.enum(ROLES),
  salt: base64url.min(22),
  hash: base64url.length(43),
  N: z.number().refine((n) => [2 ** 14, 2 ** 15, 2 ** 16, 2 ** 17].includes(n), 'not a cost of scrypt'),
  r: z.number().int().min(8).max(16),
  p: z.number().int().min(1).max(4),
});
const accountsSchema = z.array(accountSchema).max(1_000);

export type Account = Readonly<z.infer<typeof accountSchema>>;

/** The accounts of a file, read again whenever the file has changed. */
export class Accounts {
  private byName: ReadonlyMap<string, Account>;
  private version: string;

  /** @throws BrokerError `accounts/missing`, `accounts/mode`, `accounts/shape` */
  constructor(private readonly file: string) {
    this.version = versionOf(file);
    this.byName = indexed(readAccounts(file));
  }

  /**
   * @throws BrokerError as the constructor, when the file has been changed into something unusable: nobody logs in by
   *   a list that somebody meant to replace
   */
  find(name: string): Account | undefined {
    const version = versionOf(this.file);
    if (version !== this.version) {
      this.byName = indexed(readAccounts(this.file));
      this.version = version;
    }
    return this.byName.get(name);
  }
}

/**
 * Adds an account, in a file that is made if it is not there yet.
 *
 * @returns its password (24 characters), which is shown once and kept nowhere
 * @throws BrokerError `accounts/name`, `accounts/exists`, `accounts/locked`, and what reading throws
 */
export async function addAccount(file: string, name: string, role: Role): Promise<string> {
  if (!isId(name)) {
    throw new BrokerError(
      'accounts/name',
      `"${name}" cannot be an account: use lower-case letters, digits and single hyphens, at most 40`,
    );
  }
  const password = randomBytes(18).toString('base64url');
  const hash = await hashPassword(Buffer.from(password));
  const accounts = statSync(file, { throwIfNoEntry: false }) === undefined ? [] : readAccounts(file);
  if (accounts.some((account) => account.name === name)) {
    throw new BrokerError('accounts/exists', `${file} has an account "${name}" already; choose another name`);
  }
  replace(file, `${JSON.stringify([...accounts, { name, role, ...hash }], undefined, 2)}\n`);
  return password;
}

/** Whoever reads the file sees the old accounts or the new ones, never half of them. */
function replace(file: string, content: string): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new BrokerError(
      'accounts/locked',
      `${draft} is there: another command is changing the accounts. If none is, remove that file and try again`,
    );
  }
  try {
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function readAccounts(file: string): Account[] {
  const mode = statOf(file).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new BrokerError(
      'accounts/mode',
      `${file} can be read by others (mode ${mode.toString(8)}). Run: chmod 600 ${file}`,
    );
  }
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BrokerError('accounts/shape', `${file} is not JSON: ${(error as Error).message}`);
  }
  const parsed = accountsSchema.safeParse(raw);
  if (!parsed.success) {
    throw new BrokerError(
      'accounts/shape',
      `${file} is not a list of accounts:\n${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}

function indexed(accounts: readonly Account[]): ReadonlyMap<string, Account> {
  return new Map(accounts.map((account) => [account.name, account]));
}

/** Changes whenever the file does: it is always replaced, never written in place. */
function versionOf(file: string): string {
  const { ino, mtimeMs, size } = statOf(file);
  return `${ino} ${mtimeMs} ${size}`;
}

function statOf(file: string) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new BrokerError('accounts/missing', `${file} is not there; add an account to make it`);
  }
  return stat;
}
