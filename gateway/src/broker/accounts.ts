/** The accounts file: who may log in to the broker, in which role. Passwords are stored as hashes only. */
import { readFileSync, statSync } from 'node:fs';
import { isId } from '@timeband/protocol';
import { z } from 'zod';
import { ROLES } from './access.js';
import { isGrantable, type Login } from './acl.js';
import { BrokerError } from './errors.js';
import { type PasswordHash, passwordHashSchema } from './scrypt.js';

const grants = z
  .array(z.string().refine(isGrantable, 'not a filter of topics outside "tb/" and "$"'))
  .max(32)
  .optional();

const accountSchema = z
  .strictObject({
    name: z.string().refine(isId, 'not an id: lower-case letters, digits and single hyphens, at most 40'),
    role: z.enum(ROLES),
    disabled: z.literal(true).optional(),
    /** SHA-256 of the one certificate that may log in, lower-case hexadecimal; any for this name unless given. */
    fingerprint: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal')
      .optional(),
    /** Account of the ledger that it acts for: it sees and does what is of that one, and nothing else. */
    organisation: z.string().refine(isId, 'not an id').optional(),
    /** Topic filters outside `tb/`. */
    publish: grants,
    subscribe: grants,
    ...passwordHashSchema.partial().shape,
  })
  .refine(
    ({ salt, hash, N, r, p }) => new Set([salt, hash, N, r, p].map((part) => part === undefined)).size === 1,
    'half a password',
  );
const accountsSchema = z.array(accountSchema).max(1_000);

/** Without a password it logs in by certificate only. */
export type Account = Readonly<z.infer<typeof accountSchema>>;

/** What an account may do, as the ACL knows it. */
export function loginOf({ name, role, organisation, publish, subscribe }: Account): Login {
  return { account: name, role, organisation, publish, subscribe };
}

export function hasPassword(account: Account): account is Account & PasswordHash {
  return account.hash !== undefined;
}

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
   * An account that may log in: none that is disabled.
   *
   * @throws BrokerError as the constructor, when the file has been changed into something unusable: nobody logs in by
   *   a list that somebody meant to replace
   */
  find(name: string): Account | undefined {
    const version = versionOf(this.file);
    if (version !== this.version) {
      this.byName = indexed(readAccounts(this.file));
      this.version = version;
    }
    const account = this.byName.get(name);
    return account?.disabled === true ? undefined : account;
  }
}

/** @throws BrokerError `accounts/missing`, `accounts/mode`, `accounts/shape` */
export function readAccounts(file: string): Account[] {
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
