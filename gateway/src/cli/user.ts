import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import {
  type Account,
  addAccount,
  addCertificateAccount,
  hasPassword,
  readAccounts,
  removeAccount,
  type Role,
  ROLES,
  setDisabled,
  setPassword,
} from '../broker/index.js';
import { ConfigError, loadConfig, siteFiles } from '../config/index.js';
import { configOption } from './config-option.js';
import { noteDeed } from './note-deed.js';

interface Common {
  readonly config: string;
  readonly json?: boolean;
}

interface AddOptions extends Common {
  readonly role: Role;
  readonly passwordFile?: string;
  readonly certificateOnly?: boolean;
  readonly fingerprint?: string;
  readonly organisation?: string;
  readonly publish?: string[];
  readonly subscribe?: string[];
}

const PASSWORD_FILE = [
  '--password-file <file>',
  'take the password from this file instead of making one',
] as const;

/** `timeband-gateway user add|list|passwd|disable|enable|remove` */
export function registerUser(program: Command): void {
  const user = program
    .command('user')
    .description('accounts of programs that use the MQTT broker')
    .addHelpText('after', '\nA running gateway goes by every change within two seconds.');
  registerAdd(user);
  registerList(user);
  registerPasswd(user);
  const disable = (file: string, name: string): void => {
    setDisabled(file, name, true);
  };
  const enable = (file: string, name: string): void => {
    setDisabled(file, name, false);
  };
  const changes = [
    ['disable', 'let an account in no more, and end its connections', disable],
    ['enable', 'let a disabled account in again', enable],
    ['remove', 'delete an account, and end its connections', removeAccount],
  ] as const;
  for (const [command, description, change] of changes) {
    user
      .command(command)
      .description(description)
      .argument('<name>')
      .addOption(configOption())
      .addHelpText('after', example(`${command} display`))
      .action(async (name: string, { config }: Common) => {
        change(accountsOf(config), name);
        await noteDeed(config, `user ${command}`, { name });
      });
  }
}

function registerAdd(user: Command): void {
  user
    .command('add')
    .description('make an account; its password is made here and shown once')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .addOption(configOption())
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('subscriber'))
    .option(...PASSWORD_FILE)
    .addOption(
      new Option('--certificate-only', 'no password: it logs in by a client certificate').conflicts(
        'passwordFile',
      ),
    )
    .option('--fingerprint <sha256>', 'the one client certificate that may log in, in hexadecimal')
    .option(
      '--organisation <account>',
      'account of the ledger that it acts for: it sees and does only what is of that one',
    )
    .option('--publish <filter>', 'topics outside tb/ that it may publish on; may be repeated', collect)
    .option('--subscribe <filter>', 'topics outside tb/ that it may subscribe to; may be repeated', collect)
    .option('--json', 'print name and password as JSON')
    .addHelpText('after', example('add display --role subscriber'))
    .action(async (name: string, options: AddOptions) => {
      const file = accountsOf(options.config);
      const { role, organisation, publish, subscribe, certificateOnly, json } = options;
      const details = { fingerprint: fingerprintIn(options), organisation, publish, subscribe };
      if (certificateOnly === true) {
        addCertificateAccount(file, name, role, details);
        await noteDeed(options.config, 'user add', { name, role, organisation });
        const hint = `Make its certificate with: timeband-gateway tls client ${name} --out DIR`;
        console.log(json === true ? JSON.stringify({ user: name }) : `user ${name}\n${hint}`);
        return;
      }
      const password = await addAccount(file, name, role, { ...details, password: passwordIn(options) });
      showPassword(name, password, options);
      await noteDeed(options.config, 'user add', { name, role, organisation });
    });
}

function registerList(user: Command): void {
  user
    .command('list')
    .description('the accounts there are')
    .addOption(configOption())
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('list'))
    .action(({ config, json }: Common) => {
      const accounts = readAccounts(accountsOf(config)).map(shown);
      if (json === true) console.log(JSON.stringify(accounts));
      else if (accounts.length === 0)
        console.log('No accounts yet. Make one with: timeband-gateway user add NAME');
      else for (const account of accounts) console.log(lineOf(account));
    });
}

function registerPasswd(user: Command): void {
  user
    .command('passwd')
    .description('give an account another password, and end its connections')
    .argument('<name>')
    .addOption(configOption())
    .option(...PASSWORD_FILE)
    .option('--json', 'print name and password as JSON')
    .addHelpText('after', example('passwd display'))
    .action(async (name: string, options: Common & { passwordFile?: string }) => {
      const password = await setPassword(accountsOf(options.config), name, passwordIn(options));
      showPassword(name, password, options);
      await noteDeed(options.config, 'user passwd', { name });
    });
}

/** An account without its secrets. */
function shown(account: Account) {
  const { name, role, disabled = false, fingerprint, organisation, publish = [], subscribe = [] } = account;
  return {
    name,
    role,
    disabled,
    password: hasPassword(account),
    fingerprint,
    organisation,
    publish,
    subscribe,
  };
}

function lineOf({
  name,
  role,
  disabled,
  password,
  fingerprint,
  organisation,
  publish,
  subscribe,
}: ReturnType<typeof shown>): string {
  const notes = [
    disabled && 'disabled',
    organisation !== undefined && `for ${organisation}`,
    !password && 'by certificate only',
    fingerprint !== undefined && `certificate ${fingerprint.slice(0, 16)}…`,
    publish.length > 0 && `publishes ${publish.join(' ')}`,
    subscribe.length > 0 && `subscribes ${subscribe.join(' ')}`,
  ].filter((note) => note !== false);
  return [name.padEnd(20), role.padEnd(10), notes.join(', ')].join('  ').trimEnd();
}

/** A password that was given stays with whoever gave it. */
function showPassword(
  name: string,
  password: string,
  { json, passwordFile }: { json?: boolean; passwordFile?: string },
): void {
  const isMade = passwordFile === undefined;
  if (json === true) console.log(JSON.stringify({ user: name, ...(isMade && { password }) }));
  else if (isMade) {
    console.log(`user ${name}\npassword ${password}\nThe password is not kept anywhere: note it now.`);
  } else console.log(`user ${name}\npassword as in ${passwordFile}`);
}

/** Its first line. */
function passwordIn({ passwordFile }: { readonly passwordFile?: string }): string | undefined {
  return passwordFile === undefined ? undefined : readFileSync(passwordFile, 'utf8').split(/\r?\n/, 1)[0];
}

/** As other programs print it, too: with colons and in capitals. */
function fingerprintIn({ fingerprint }: AddOptions): string | undefined {
  const plain = fingerprint?.replaceAll(':', '').toLowerCase();
  if (plain === undefined || /^[0-9a-f]{64}$/.test(plain)) return plain;
  throw new ConfigError('--fingerprint: give the SHA-256 of the certificate, 64 hexadecimal digits');
}

function accountsOf(config: string): string {
  return siteFiles(loadConfig(config).dataDir).accounts;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function example(command: string): string {
  return `\nExample:\n  timeband-gateway user ${command} --config /var/lib/timeband/gateway.yaml`;
}
