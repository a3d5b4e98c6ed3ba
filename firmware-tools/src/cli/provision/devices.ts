/** `bandctl provision`, `replace` and `wipe`: one device on a serial port. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ENROL_REASON, type EnrolReason, isId, SmpClient, toHex } from '@timeband/protocol';
import { DEFAULT_BAUD_RATE } from '@timeband/protocol/serial';
import {
  type Desk,
  overAir,
  type Plan,
  type Provisioned,
  provisionDevice,
  wipeDevice,
} from '../../provision/index.js';
import { keysOf, openRadio, type RadioCliOptions, radioOptions } from '../radio-options.js';
import { serialTargets, type Target } from '../../target/index.js';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT } from '../exit-codes.js';
import { type DeskOptions, deskOptions, makingOptions, openDesk } from './desk-options.js';
import { failWith } from './failures.js';

interface PortOptions extends RadioCliOptions {
  readonly issuer: string;
  readonly port?: string;
  readonly baud: number;
  readonly json?: true;
}

interface ProvisionOptions extends DeskOptions, PortOptions {
  readonly id?: string;
  readonly account?: string;
  readonly days?: number;
  readonly p256?: true;
}

const REASONS = Object.keys(ENROL_REASON) as EnrolReason[];

export function registerProvision(program: Command, environment: Environment): void {
  planOptions(portOptions(makingOptions(program.command('provision'))))
    .description('give a device that comes from its factory a key, a certificate, a site and an owner')
    .option('--id <id>', 'its id at the site (default: the next free number of its kind)', id)
    .addHelpText(
      'after',
      `
The key is made on the device and never leaves it. When it is interrupted, run it again: it goes on where it was.
Every device is entered in the site's register, which the gateway imports: timeband-gateway register import.

Examples:
  bandctl provision --port /dev/ttyUSB0 --issuer-key issuer.key --issuer issuer.cwt
  bandctl provision --port /dev/ttyACM0 --issuer-key issuer.key --issuer issuer.cwt --account account-17 --operator-key li.key
  bandctl provision --ble 20260007 --issuer-key issuer.key --issuer issuer.cwt`,
    )
    .action((options: ProvisionOptions) =>
      atDesk(options, environment, async (desk, client, isTapped) => {
        const { id: device, account, days, p256 } = options;
        const plan = { device, account, days, preferP256: p256 };
        const made = await provision(desk, client, plan, environment, isTapped);
        say(made, options, environment);
      }),
    );
}

export function registerReplace(program: Command, environment: Environment): void {
  planOptions(portOptions(makingOptions(program.command('replace'))))
    .description('revoke a band or reader that is lost or broken, and provision another in its place')
    .argument('<device>', 'id of the one that is replaced', id)
    .addOption(new Option('--reason <reason>', 'why').choices(REASONS).default('lost'))
    .option('--id <id>', 'id of the new one (default: the next free number of its kind)', id)
    .addHelpText(
      'after',
      `
The old one counts no more from this moment, also when the new one is not finished. The account is the old one's unless given.

Example:
  bandctl replace band-7 --port /dev/ttyACM0 --issuer-key issuer.key --issuer issuer.cwt --operator-key li.key`,
    )
    .action((old: string, options: ProvisionOptions & { readonly reason: EnrolReason }) =>
      atDesk(options, environment, async (desk, client, isTapped) => {
        const standing = desk.register.byDevice(old);
        if (standing === undefined)
          throw new CommandFailure(EXIT.notReachable, `the register knows no ${old} to replace`);
        if (!desk.isRevoked(standing.certified.thumbprint)) desk.revoke(old, options.reason);
        const { id: device, days, p256, account = standing.entry.account, reason } = options;
        const plan = { device, account, days, preferP256: p256, replaces: { device: old, reason } };
        say(await provision(desk, client, plan, environment, isTapped), options, environment);
      }),
    );
}

export function registerWipe(program: Command, environment: Environment): void {
  portOptions(deskOptions(program.command('wipe')))
    .description('have a device that comes back forget its key, its site and its log')
    .option('--force', 'give up records that no gateway has acknowledged: they are lost')
    .addHelpText(
      'after',
      `
It is refused while records of residents wait on the device. Let it come to its gateway first.

Example:
  bandctl wipe --port /dev/ttyUSB0 --issuer-key issuer.key --issuer issuer.cwt`,
    )
    .action((options: DeskOptions & PortOptions & { readonly force?: true }) =>
      atDesk(options, environment, async (desk, client) => {
        const wiped = await wipeDevice(client, desk, options.force === true);
        const { serial, device, already } = wiped;
        if (options.json === true) environment.print(JSON.stringify(wiped));
        else
          environment.print(
            already ? `${serial} is blank already` : `${serial} was ${device} and is blank again`,
          );
      }),
    );
}

function planOptions(command: Command): Command {
  return command
    .option('--account <id>', 'whom a band is for; needs --operator-key', id)
    .option('--days <days>', 'how long its certificate is good (default: 5 years)', wholeNumber)
    .option('--p256', 'an ES256 key where the device can do both');
}

function portOptions(command: Command): Command {
  return radioOptions(command)
    .option('--port <path>', 'serial port of the device')
    .option('--baud <rate>', 'line speed', wholeNumber, DEFAULT_BAUD_RATE)
    .option('--json', 'print one JSON object');
}

/** Opens desk and device, does the work, and puts both away. @throws CommandFailure */
async function atDesk(
  options: DeskOptions & PortOptions,
  environment: Environment,
  work: (desk: Desk, client: SmpClient, isTapped: boolean) => Promise<void>,
): Promise<void> {
  if ((options.port === undefined) === (options.ble === undefined))
    throw new CommandFailure(
      EXIT.usage,
      'say which device: --port, or --ble with its name, serial or address',
    );
  const desk = await openDesk(options, environment).catch((error: unknown) => failWith(error, 'the site'));
  try {
    await (options.ble === undefined
      ? byCable(options, environment, (client) => work(desk, client, false))
      : onAir(options, environment, desk, (client) => work(desk, client, true)));
  } catch (error) {
    failWith(error, options.port ?? nameOnAir(options));
  } finally {
    desk.close();
  }
}

async function byCable(
  options: PortOptions,
  environment: Environment,
  work: (client: SmpClient) => Promise<void>,
): Promise<void> {
  const target = await oneTarget(options, environment);
  const client = new SmpClient(await target.open());
  const stop = environment.onInterrupt(() => void client.close());
  try {
    await work(client);
  } finally {
    stop();
    await client.close();
  }
}

async function onAir(
  options: PortOptions,
  environment: Environment,
  desk: Desk,
  work: (client: SmpClient) => Promise<void>,
): Promise<void> {
  const who = nameOnAir(options);
  const radio = await openRadio(options, environment, keysOf(desk.register));
  const stop = environment.onInterrupt(() => void radio.close());
  try {
    await overAir(radio, who, desk, work);
  } finally {
    stop();
    await radio.close();
  }
}

/** @throws CommandFailure unless it is one */
function nameOnAir({ ble }: PortOptions): string {
  const [who, another] = ble === true || ble === undefined ? [] : ble;
  if (who === undefined || another !== undefined)
    throw new CommandFailure(
      EXIT.usage,
      '--ble takes the name, serial or address of one device; for many at once: bandctl station',
    );
  return who;
}

async function oneTarget({ port = '', baud }: PortOptions, environment: Environment): Promise<Target> {
  const [target, another] = await serialTargets({ pattern: port, baudRate: baud }, environment);
  if (target === undefined)
    throw new CommandFailure(
      EXIT.notReachable,
      `no port ${port}. Is the device plugged in? What there is: ls /dev/serial/by-id /dev/tty*`,
    );
  if (another !== undefined)
    throw new CommandFailure(EXIT.usage, `${port} is several ports; for many at once: bandctl station`);
  return target;
}

function provision(
  desk: Desk,
  client: SmpClient,
  plan: Plan,
  { complain }: Environment,
  isTapped: boolean,
): Promise<Provisioned> {
  return provisionDevice(client, desk, plan, {
    isTapped,
    step: (step, { serial }) => {
      if (step !== 'asked' && step !== 'done') complain(`${serial}: ${WORDS[step]}`);
    },
  });
}

const WORDS = {
  'make key': 'makes its key',
  prove: 'proves its key',
  grant: 'took its certificate',
  confirm: 'is entered in the register',
} as const;

function say(made: Provisioned, { json }: PortOptions, { print }: Environment): void {
  const { device, serial, role, thumbprint, already, account, replaces, hardware, firmware } = made;
  const shown = {
    device,
    serial,
    role,
    key: toHex(thumbprint),
    already,
    account,
    replaces,
    hardware,
    firmware,
  };
  if (json === true) print(JSON.stringify(shown));
  else
    print(
      `${serial} ${already ? 'was already' : 'is'} ${device}, a ${role}${account === undefined ? '' : ` for ${account}`}\n  key ${toHex(thumbprint).slice(0, 16)}`,
    );
}

export function id(text: string): string {
  if (!isId(text)) throw new InvalidArgumentError('An id has lower-case letters, digits and single hyphens.');
  return text;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}
