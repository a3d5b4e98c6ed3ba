/** `bandsim radio`: a Bluetooth controller on a pseudo-terminal, with an air full of bands around it. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { RADIO_FAULTS } from '../radio/faults/index.js';
import { DEFAULT_CONTROLLER } from '../radio/hci/command.js';
import { DEFAULT_BAUD } from '../radio/port/uart.js';
import { performRadio, RADIO_CONSOLE_HELP } from '../room/console.js';
import { type RadioFaultChoice, type RadioReport, RadioSession } from '../room/session.js';
import type { BandRange } from '../taps/bands.js';
import { attended, listFaults } from './attended.js';
import { bandsOption } from './band-options.js';
import { type BootCliOptions, readBoot } from './boot-options.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseCount, parseDuration, parseIdOption, parseRate } from './options.js';
import {
  collectRadioFaults,
  type LifeOptions,
  parseDrift,
  parseInterval,
  parsePercent,
  refuseFaultsElsewhere,
  wornBands,
} from './radio-options.js';
import { jsonRadioReport, plainRadioReport } from './radio-report.js';

interface Options extends LifeOptions, BootCliOptions {
  readonly factory: number;
  readonly serial: string;
  readonly images?: true;
  readonly bands: BandRange;
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

const DEFAULT_BANDS = '20';
const MAX_BANDS = 10_000;
/** A crate is simulated, not a factory. */
const MAX_FACTORY = 64;
const DEFAULT_INTERVAL_MS = 1_000;

export function registerRadio(program: Command): void {
  program
    .command('radio')
    .description(
      'a Bluetooth controller (HCI over UART) on a pseudo-terminal, and bands in the air around it',
    )
    .addOption(bandsOption('bands within reach', DEFAULT_BANDS, MAX_BANDS))
    .option(
      '--site <name>',
      'the bands are wristbands of this site; without it they only echo',
      parseIdOption,
    )
    .option('--issuer-key <file>', "the site's issuer key (PKCS#8 PEM), to certify the bands with")
    .option('--factory <count>', 'bands as they leave their factory too, to be provisioned', parseCount, 0)
    .option('--serial <prefix>', 'their serials are this, a hyphen and a number', parseIdOption, 'sn')
    .option('--images', 'the firmware of wristbands is an image that can be replaced')
    .option(
      '--boot-key <file>',
      'the same, and their bootloader takes images of this key alone (public, PEM); may be given several times',
      (file: string, before: readonly string[] | undefined) => [...(before ?? []), file],
    )
    .option('--rate <presses>', 'presses of a button a minute, over all bands, at random', parseRate, 0)
    .option('--visits <count>', 'visits that begin or end a minute, at random, out of reach', parseRate, 0)
    .option('--help-calls <count>', 'calls for help a minute, over all bands, at random', parseRate, 0)
    .option('--history <minutes>', 'bring visits of so many minutes before', parseCount, 0)
    .option('--walk', 'the wearers walk out of reach and back, all the time')
    .option('--drift <ppm>', 'the clocks of the bands run off by up to so many millionths', parseDrift, 0)
    .option('--seed <text>', 'repeats bands, addresses, places, collisions, losses and what wearers do', '1')
    .addOption(
      new Option('--interval <duration>', 'time between two adverts of a band that only echoes')
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
        .argParser(collectRadioFaults)
        .default([], 'none'),
    )
    .option('--list-faults', 'print the faults there are, and end')
    .on('option:list-faults', () => listFaults(RADIO_FAULTS))
    .option('--for <duration>', 'end by itself, for example 20s or 5m', parseDuration)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Prints the terminal's path first, then what the bands do, and a summary in JSON at the end. A gateway knows the bands by
the file that bandsim bands --radio writes. Commands are read from standard input:
${RADIO_CONSOLE_HELP.replace(/^/gm, '  ')}

Example:
  bandsim radio --bands 50 --link /tmp/radio --snoop radio.btsnoop --fault garbage:3
  bandsim radio --site dahaiyang --issuer-key issuer-key.pem --bands 0-11 --rate 20 --help-calls 1
  bandsim radio --bands 1 --factory 16 --images --link /tmp/radio`,
    )
    .action(runRadio);
}

async function runRadio(options: Options): Promise<void> {
  const write = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const report = options.json === true ? jsonRadioReport(write) : plainRadioReport(write);
  const session = await openSession(options, report);
  try {
    await attended({
      forMs: options.for,
      line: (line, quit) => {
        const message = performRadio(line, session, quit);
        if (message !== undefined) report.put(message);
      },
    });
  } finally {
    const status = session.status();
    session.end();
    report.put({ event: 'summary', ...status });
  }
}

/** @throws CommandFailure saying what cannot be opened */
async function openSession(options: Options, report: RadioReport): Promise<RadioSession> {
  const { bands, seed, interval: intervalMs, loss, baud, link, snoop, fault: faults } = options;
  const worn = wornBands(options);
  if (options.factory > MAX_FACTORY)
    throw new CommandFailure(EXIT.usage, `--factory: at most ${MAX_FACTORY} bands`);
  const hasImages = options.images === true || options.bootKey !== undefined;
  const blank = Array.from({ length: options.factory }, (_, i) => `${options.serial}-${i + 1}`);
  refuseFaultsElsewhere(faults, bands);
  try {
    return await RadioSession.open({
      ...{ bands, seed, worn, intervalMs, baud, faults, report },
      ...{ blank, boot: hasImages ? readBoot(options) : undefined },
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
