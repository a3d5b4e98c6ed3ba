/** `bandsim factory`: devices as they leave their factory, each on a pseudo-terminal, to be provisioned. */
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Direction, systemTimers, toHex } from '@timeband/protocol';
import { FactoryDevice, type FactoryEvent } from '../factory/index.js';
import { DEFAULT_SETTINGS } from '../firmware/server.js';
import { DEFAULT_BAUD, SerialReader } from '../uart/serial-reader.js';
import { attended } from './attended.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseCount, parseDuration, parseIdOption, parseUid } from './options.js';

interface Options {
  readonly count: number;
  readonly kind: 'reader' | 'band';
  readonly macs?: true;
  readonly serial: string;
  readonly links?: string;
  readonly baud: number;
  readonly signMs: number;
  readonly for?: number;
  readonly json?: true;
}

/** A crate is simulated, not a factory. */
const MOST = 64;

const HELP = `unplug N, plug N         pull the cable of the N-th device, which takes its power, and put it back
tap N UID [in|out]       hold a tag to the N-th, once it belongs to a site
status                   what each of them is now
quit                     end`;

export function registerFactory(program: Command): void {
  program
    .command('factory')
    .description('devices as they leave their factory, without a key or a site, to be provisioned')
    .option('--count <devices>', 'how many, each on a pseudo-terminal of its own', parseCount, 1)
    .addOption(new Option('--kind <kind>', 'what they are').choices(['reader', 'band']).default('reader'))
    .option('--macs', 'devices too small to sign: their key is derived and comes with the grant')
    .option('--serial <prefix>', 'their serials are this, a hyphen and a number', parseIdOption, 'sn')
    .option('--links <dir>', 'a folder for symbolic links to the terminals, named by serial')
    .option('--baud <rate>', 'pace of the lines in bits a second, 0 for none', parseCount, DEFAULT_BAUD)
    .option('--sign-ms <ms>', 'milliseconds that a signature takes', parseCount, DEFAULT_SETTINGS.signMs)
    .option('--for <duration>', 'end by itself, for example 20s or 5m', parseDuration)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Commands are read from standard input:
${HELP.replace(/^/gm, '  ')}

Example:
  bandsim factory --count 16 --kind band --links /tmp/bench`,
    )
    .action(runFactory);
}

/** A device at its cable. */
interface Plugged {
  readonly device: FactoryDevice;
  readonly port: SerialReader;
}

async function runFactory(options: Options): Promise<void> {
  if (options.count < 1 || options.count > MOST) {
    throw new CommandFailure(EXIT.usage, `--count: 1 to ${MOST} devices`);
  }
  const say = (object: Readonly<Record<string, unknown>>): void => {
    const words = Object.values(object).join(' ');
    process.stdout.write(`${options.json === true ? JSON.stringify(object) : words}\n`);
  };
  const devices: Plugged[] = [];
  try {
    for (let number = 1; number <= options.count; number++) devices.push(make(options, number, say));
    say({ event: 'all ready', devices: devices.length });
    await attended({
      forMs: options.for,
      line: (line, quit) => {
        const message = perform(line, devices, say, quit);
        if (message !== undefined) say({ event: 'note', message });
      },
    });
  } finally {
    for (const { port } of devices) port.unplug();
  }
}

function make(options: Options, number: number, say: (object: Record<string, unknown>) => void): Plugged {
  const serial = `${options.serial}-${number}`;
  const device = new FactoryDevice({
    ...{ serial, role: options.kind, macs: options.macs === true, timers: systemTimers },
    settings: { signMs: options.signMs },
    observe: (event) => {
      const shown = shownOf(event, serial);
      if (shown !== undefined) say(shown);
    },
  });
  try {
    const link = options.links === undefined ? undefined : join(resolve(options.links), serial);
    const port = new SerialReader(device, { baud: options.baud, link });
    say({ event: 'ready', serial, port: link ?? port.path });
    return { device, port };
  } catch (error) {
    throw new CommandFailure(EXIT.notReachable, `cannot open a serial port: ${(error as Error).message}`);
  }
}

function shownOf(event: FactoryEvent, serial: string): Record<string, unknown> | undefined {
  if (event.event === 'state') return { event: 'state', serial, state: event.state };
  if (event.event === 'feedback') return { event: 'feedback', serial, outcome: event.outcome };
  return undefined;
}

function perform(
  line: string,
  devices: readonly Plugged[],
  say: (object: Record<string, unknown>) => void,
  quit: () => void,
): string | undefined {
  const [command = '', number = '', ...rest] = line.slice(0, 200).trim().split(/\s+/);
  if (command === '') return undefined;
  if (command === 'quit') {
    quit();
    return undefined;
  }
  if (command === 'status') {
    for (const { device } of devices) say(statusOf(device));
    return undefined;
  }
  const chosen = devices[Number(number) - 1];
  if (chosen === undefined) return HELP;
  switch (command) {
    case 'unplug':
      chosen.port.unplug();
      chosen.device.powerDown();
      return undefined;
    case 'plug':
      chosen.device.powerUp();
      chosen.port.plug();
      return undefined;
    case 'tap':
      return tap(chosen.device, rest);
    default:
      return HELP;
  }
}

function tap(device: FactoryDevice, [hex = '', direction = 'in']: readonly string[]): string | undefined {
  const uid = parseUid(hex);
  if (uid === undefined || (direction !== 'in' && direction !== 'out')) {
    return 'tap N UID [in|out], for example: tap 1 04a1b2c3d4e5f6';
  }
  if (device.reader === undefined) return `${device.id} belongs to no site yet`;
  const way: Direction = direction;
  device.reader.reader.tap({ direction: way, service: 101, proof: { kind: 'uid', uid } });
  return undefined;
}

function statusOf(device: FactoryDevice): Record<string, unknown> {
  const reader = device.reader?.reader;
  return {
    ...{ event: 'status', serial: device.id, state: device.state },
    ...(reader && {
      ...{ device: device.reader.id, site: device.reader.site },
      head: reader.status(0).head,
      acked: reader.identity().acked,
      log: toHex(reader.identity().logId),
    }),
  };
}
