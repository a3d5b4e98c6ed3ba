/** The options by which commands are told which Bluetooth controller to use, whom to reach by it, and by which keys they know them. */
import { readFileSync, statSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import {
  fromHex,
  IRK_BYTES,
  isId,
  readRegister,
  type Register,
  REGISTER_HEADER,
  TimebandError,
} from '@timeband/protocol';
import { type BandKey, isListed, makePort, type PortChoice } from '@timeband/radio';
import { believe } from '../receipt/check.js';
import { type BleRadio, TargetError } from '../target/index.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { readFileOr } from './files.js';

export interface RadioCliOptions {
  /** `true` for everybody who is heard. */
  readonly ble?: true | readonly string[];
  readonly adapter?: PortChoice;
  readonly bands?: string;
  readonly listen: number;
  readonly issuer?: string;
}

/** As the gateway has it. */
const DEFAULT_BAUD = 1_000_000;
const DEFAULT_LISTEN_S = 4;
const FIRST_ADAPTER: PortChoice = { kind: 'native', adapter: 0 };

/** Adds them to a command. */
export function radioOptions(command: Command): Command {
  return command
    .option(
      '--ble [who]',
      'a device on the radio by name, device id, serial or address, or everybody who is heard; may be given several times',
      (who: string, before: true | readonly string[] | undefined) => [
        ...(before === true || before === undefined ? [] : before),
        who,
      ],
    )
    .option(
      '--adapter <which>',
      'Bluetooth controller: hci0, or the serial port of a dongle as PATH[,BAUD][,noflow] (default: hci0)',
      parseAdapter,
    )
    .option(
      '--bands <file>',
      "the bands' keys, to know them by name: the site's register, or the gateway's bands.json",
    )
    .option('--listen <seconds>', 'how long to listen for them', positive, DEFAULT_LISTEN_S);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3_600)) throw new InvalidArgumentError('It has to be a number of seconds.');
  return value;
}

/** The same as `radio` in the gateway's configuration. */
export function parseAdapter(text: string): PortChoice {
  const adapter = /^(?:hci)?(\d{1,3})$/.exec(text)?.[1];
  if (adapter !== undefined) return { kind: 'native', adapter: Number(adapter) };
  const [path = '', ...rest] = text.split(',');
  const bauds = rest.filter((part) => /^\d{3,8}$/.test(part)).map(Number);
  const isRead = rest.every((part) => part === 'noflow' || /^\d{3,8}$/.test(part));
  if (!path.includes('/') || !isRead || bauds.length > 1)
    throw new InvalidArgumentError(
      'Not hci0, nor a path such as /dev/serial/by-id/usb-… or /dev/ttyACM0,115200,noflow.',
    );
  return { kind: 'serial', path, baudRate: bauds[0] ?? DEFAULT_BAUD, flowControl: !rest.includes('noflow') };
}

/** Whether there is a controller to use where nobody said so. */
export function hasRadio({ adapter }: RadioCliOptions): boolean {
  return adapter !== undefined || isListed('hci0');
}

/** Opens the controller that the options name. @throws CommandFailure, TargetError */
export async function openRadio(
  options: RadioCliOptions,
  environment: Environment,
  known: readonly BandKey[] = [],
): Promise<BleRadio> {
  const { adapter, bands } = options;
  if (adapter === undefined && !isListed('hci0'))
    throw new TargetError(
      'target/radio',
      'there is no Bluetooth adapter hci0 here. Plug one in, or name a dongle: --adapter /dev/serial/by-id/usb-…',
    );
  const keys = [...known, ...(bands === undefined ? [] : readBandKeys(bands, options))];
  return environment.openRadio({ port: () => makePort(adapter ?? FIRST_ADAPTER), keys });
}

/** Reads the keys by which bands are known. @throws CommandFailure */
export function readBandKeys(file: string, { issuer }: Pick<RadioCliOptions, 'issuer'>): BandKey[] {
  readFileOr(file, "the bands' keys");
  if ((statSync(file).mode & 0o077) !== 0)
    throw new CommandFailure(
      EXIT.refused,
      `${file} can be read by others, who could follow bands. Run: chmod 600 ${file}`,
    );
  const text = readFileSync(file, 'utf8');
  return text.startsWith(REGISTER_HEADER) ? keysInRegister(file, text, issuer) : keysInList(file, text);
}

function keysInRegister(file: string, text: string, issuer: string | undefined): BandKey[] {
  if (issuer === undefined)
    throw new CommandFailure(
      EXIT.usage,
      `${file} is a register: give the issuer certificate by which it is believed (--issuer)`,
    );
  try {
    const { trust, site } = believe({ issuer: readFileOr(issuer, 'the issuer certificate') });
    const { register } = readRegister(text, { site, trust });
    return keysOf(register);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file} does not hold: ${error.message} (${error.code})`);
  }
}

/** Of the bands that belong to a site now. */
export function keysOf(register: Pick<Register, 'entries'>): BandKey[] {
  const keys = new Map<string, BandKey>();
  for (const { note } of register.entries) {
    if (note.what === 'issued' && note.irk !== undefined)
      keys.set(note.device, { device: note.device, irk: note.irk });
    if (note.what === 'wiped') keys.delete(note.device);
  }
  return [...keys.values()];
}

function keysInList(file: string, text: string): BandKey[] {
  // The parser's own words would quote the file, and it holds keys.
  const fail = (): never => {
    throw new CommandFailure(
      EXIT.refused,
      `${file} is no register and no list of bands: [{"device": "band-7", "irk": "32 hexadecimal digits"}]`,
    );
  };
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return fail();
  }
  if (!Array.isArray(list)) return fail();
  return list.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('device' in entry) || !('irk' in entry))
      return fail();
    const { device, irk } = entry;
    const isKey = typeof irk === 'string' && irk.length === 2 * IRK_BYTES && /^[0-9a-f]+$/.test(irk);
    if (typeof device !== 'string' || !isId(device) || !isKey) return fail();
    return { device, irk: fromHex(irk) };
  });
}
