/** Changes to the accounts file, one at a time. A running broker goes by each of them at once. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isId } from '@timeband/protocol';
import type { Role } from './access.js';
import { type Account, readAccounts } from './accounts.js';
import { isGrantable } from './acl.js';
import { BrokerError } from './errors.js';
import { hashPassword, MAX_PASSWORD_BYTES, type PasswordHash } from './scrypt.js';

const MIN_PASSWORD_CHARACTERS = 12;

/** What an account may have beside its name, role and password. */
export type AccountDetails = Pick<Account, 'fingerprint' | 'organisation' | 'publish' | 'subscribe'>;

/**
 * Adds an account, in a file that is made if it is not there yet.
 *
 * @param password one of 24 characters is made unless it is given; `none`: it logs in by certificate only
 * @returns the password, which is kept nowhere
 * @throws BrokerError `accounts/organisation`, `accounts/name`, `accounts/password`, `accounts/filter`, `accounts/exists`, `accounts/locked`,
 *   and what reading throws
 */
export async function addAccount(
  file: string,
  name: string,
  role: Role,
  { password, ...details }: AccountDetails & { readonly password?: string | undefined } = {},
): Promise<string> {
  const { hash, password: chosen } = await passwordOf(password);
  insert(file, { name, role, ...details, ...hash });
  return chosen;
}

/** Adds an account without a password. @throws BrokerError as {@link addAccount} */
export function addCertificateAccount(
  file: string,
  name: string,
  role: Role,
  details: AccountDetails = {},
): void {
  insert(file, { name, role, ...details });
}

/**
 * Gives an account another password, or its first one.
 *
 * @returns it, as {@link addAccount}
 * @throws BrokerError `accounts/unknown`, `accounts/password`, `accounts/locked`, and what reading throws
 */
export async function setPassword(file: string, name: string, password?: string): Promise<string> {
  const { hash, password: chosen } = await passwordOf(password);
  update(file, name, (account) => ({ ...account, ...hash }));
  return chosen;
}

/** Binds an account to one certificate. @throws BrokerError `accounts/unknown`, `accounts/locked`, and what reading throws */
export function bindCertificate(file: string, name: string, fingerprint: string): void {
  update(file, name, (account) => ({ ...account, fingerprint }));
}

/** A disabled account keeps what it has and logs in no more. @throws BrokerError as {@link bindCertificate} */
export function setDisabled(file: string, name: string, disabled: boolean): void {
  update(file, name, (account) => ({ ...account, disabled: disabled || undefined }));
}

/** @throws BrokerError as {@link bindCertificate} */
export function removeAccount(file: string, name: string): void {
  update(file, name, () => undefined);
}

async function passwordOf(given: string | undefined): Promise<{ password: string; hash: PasswordHash }> {
  const password = given ?? randomBytes(18).toString('base64url');
  const bytes = Buffer.from(password);
  if (password.length < MIN_PASSWORD_CHARACTERS || bytes.length > MAX_PASSWORD_BYTES) {
    const limits = `at least ${MIN_PASSWORD_CHARACTERS} characters and at most ${MAX_PASSWORD_BYTES} bytes`;
    throw new BrokerError(
      'accounts/password',
      `a password has ${limits}; a few words that belong together are good`,
    );
  }
  return { password, hash: await hashPassword(bytes) };
}

function insert(file: string, account: Account): void {
  const { name, role, organisation, publish = [], subscribe = [] } = account;
  if (!isId(name)) {
    throw new BrokerError(
      'accounts/name',
      `"${name}" cannot be an account: use lower-case letters, digits and single hyphens, at most 40`,
    );
  }
  if (organisation !== undefined && (!isId(organisation) || !['operator', 'console'].includes(role))) {
    throw new BrokerError(
      'accounts/organisation',
      `an operator or a console acts for an organisation, which is an account of the ledger such as branch-3; not a ${role} for "${organisation}"`,
    );
  }
  for (const filter of [...publish, ...subscribe]) {
    if (isGrantable(filter)) continue;
    throw new BrokerError(
      'accounts/filter',
      `"${filter}" cannot be granted: give a topic filter such as sensors/#. What is below "tb/" goes by role, "$" is the broker's`,
    );
  }
  change(file, (accounts) => {
    if (accounts.some((known) => known.name === name)) {
      throw new BrokerError(
        'accounts/exists',
        `${file} has an account "${name}" already; choose another name`,
      );
    }
    return [...accounts, account];
  });
}

function update(file: string, name: string, work: (account: Account) => Account | undefined): void {
  change(file, (accounts) => {
    if (!accounts.some((account) => account.name === name)) {
      const hint = 'timeband-gateway user list shows those that are there';
      throw new BrokerError('accounts/unknown', `${file} has no account "${name}"; ${hint}`);
    }
    return accounts.flatMap((account) => (account.name === name ? (work(account) ?? []) : account));
  });
}

/** Whoever reads the file sees the old accounts or the new ones, never half of them; two commands never undo each other. */
function change(file: string, work: (accounts: readonly Account[]) => readonly Account[]): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, '', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new BrokerError(
      'accounts/locked',
      `${draft} is there: another command is changing the accounts. If none is, remove that file and try again`,
    );
  }
  try {
    const accounts = statSync(file, { throwIfNoEntry: false }) === undefined ? [] : readAccounts(file);
    writeFileSync(draft, `${JSON.stringify(work(accounts), undefined, 2)}\n`, { flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
