/** `bandsim radio`: a Bluetooth controller on a pseudo-terminal, with an air full of bands around it. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseRadioFault, performRadio, RADIO_CONSOLE_HELP } from '../radio/console.js';
import { RADIO_FAULTS } from '../radio/faults/index.js';
import { DEFAULT_CONTROLLER } from '../radio/hci/command.js';
import { DEFAULT_BAUD } from '../radio/port/uart.js';
import { type RadioFaultChoice, RadioSession } from '../radio/session.js';
import { attended, listFaults } from './attended.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseCount, parseDuration, parseRate } from './options.js';

interface Options {
  readonly bands: number;
  readonly seed: string;
  readonly interval: number;
  readonly loss: number;
  readonly baud: number;
  readonly link?: string;
  readonly snoop?: string;
  readonly fault: readonly RadioFaultChoice[];
  readonly maxConnections: number;
  readonly strict?: true;
  readonly extended?: true;
  readonly for?: number;
  readonly json?: true;
}

const DEFAULT_BANDS = 20;
const DEFAULT_INTERVAL_MS = 1_000;

export function registerRadio(program: Command): void {
  program
    .command('radio')
    .description(
      'a Bluetooth controller (HCI over UART) on a pseudo-terminal, and bands in the air around it',
    )
    .option('--bands <count>', 'bands within reach', parseBandCount, DEFAULT_BANDS)
    .option('--seed <text>', 'repeats addresses, places, collisions and losses', '1')
    .addOption(
      new Option('--interval <duration>', 'time between two adverts of a band')
        .argParser(parseInterval)
        .default(DEFAULT_INTERVAL_MS, '1s'),
    )
    .option('--loss <percent>', 'packets lost in the air, whatever the distance', parsePercent, 0)
    .option('--baud <rate>', 'pace of the line in bits a second, 0 for none', parseCount, DEFAULT_BAUD)
    .option('--link <path>', 'a symbolic link to keep pointing at the terminal')
    .option('--snoop <file>', 'write everything that passes as btsnoop, for Wireshark')
    .option(
      '--max-connections <count>',
      'connections that the controller holds',
      parseCount,
      DEFAULT_CONTROLLER.maxConnections,
    )
    .option('--strict', 'the controller cannot scan and initiate at once')
    .option('--extended', 'the controller has extended advertising')
    .addOption(
      new Option('--fault <name[:band]>', 'one band misbehaves, or all; may be given several times')
        .argParser(collectFaults)
        .default([], 'none'),
    )
    .option('--list-faults', 'print the faults there are, and end')
    .on('option:list-faults', () => listFaults(RADIO_FAULTS))
    .option('--for <duration>', 'end by itself, for example 20s or 5m', parseDuration)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Prints the terminal's path first, and a summary in JSON at the end. The bands answer SMP's echo and parameters.
Commands are read from standard input:
${RADIO_CONSOLE_HELP.replace(/^/gm, '  ')}

Example:
  bandsim radio --bands 50 --link /tmp/radio --snoop radio.btsnoop --fault garbage:3`,
    )
    .action(runRadio);
}

async function runRadio(options: Options): Promise<void> {
  const session = openSession(options);
  const put = (message: object | string): void => {
    const isPlain = typeof message === 'string' && options.json !== true;
    const object = typeof message === 'string' ? { event: 'note', message } : message;
    process.stdout.write(`${isPlain ? message : JSON.stringify(object)}\n`);
  };
  const { path, bands } = session;
  put(
    options.json === true
      ? { event: 'ready', path, bands, pid: process.pid }
      : `${path ?? ''} ${bands} bands`,
  );
  try {
    await attended({
      forMs: options.for,
      line: (line, quit) => {
        const message = performRadio(line, session, quit);
        if (message !== undefined) put(message);
      },
    });
  } finally {
    const status = session.status();
    session.end();
    put({ event: 'summary', ...status });
  }
}

/** @throws CommandFailure saying what cannot be opened */
function openSession(options: Options): RadioSession {
  const { bands, seed, interval: intervalMs, loss, baud, link, snoop, fault: faults } = options;
  try {
    return new RadioSession({
      ...{ bands, seed, intervalMs, baud, faults },
      lossRate: loss / 100,
      link: link && resolve(link),
      snoop: snoop && resolve(snoop),
      controller: {
        maxConnections: options.maxConnections,
        isStrict: options.strict === true,
        isExtended: options.extended === true,
      },
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(
      EXIT.notReachable,
      `cannot open the controller's terminal, its link or the snoop file: ${said}. Give paths in folders that are there and may be written to.`,
    );
  }
}

function collectFaults(text: string, before: readonly RadioFaultChoice[]): readonly RadioFaultChoice[] {
  const fault = parseRadioFault(text);
  if (fault === undefined) {
    throw new InvalidArgumentError(
      'Not a fault, or not NAME:BAND. bandsim radio --list-faults prints the names; bands count from 1.',
    );
  }
  return [...before, fault];
}

function parseBandCount(text: string): number {
  const bands = parseCount(text);
  if (bands > 10_000) throw new InvalidArgumentError('At most 10000 bands.');
  return bands;
}

/** What the Bluetooth specification allows. */
function parseInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms < 20 || ms > 10_240) throw new InvalidArgumentError('Adverts are 20 ms to 10.24 s apart.');
  return ms;
}

function parsePercent(text: string): number {
  const percent = parseRate(text);
  if (percent > 100) throw new InvalidArgumentError('At most 100 percent are lost.');
  return percent;
}
