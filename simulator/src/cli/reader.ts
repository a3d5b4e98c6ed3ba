/** `bandsim reader`: one simulated reader on a pseudo-terminal of its own. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type CborMap, decodeStrict, MIN_SESSION_BUFFER_BYTES } from '@timeband/protocol';
import { DEFAULT_SLOTS } from '../reader.js';
import type { BreakName } from '../breaks/index.js';
import { type FaultChoice, FAULTS } from '../faults/index.js';
import { DEFAULT_SETTINGS } from '../firmware/server.js';
import type { BandMix, BandRange } from '../taps/bands.js';
import type { PastActivity } from '../taps/past-activity.js';
import { DEFAULT_BAUD } from '../uart/serial-reader.js';
import { bandsOption, mixOption, readIssuerKey } from './band-options.js';
import { CONSOLE_HELP, perform } from './console.js';
import { attended, listFaults } from './attended.js';
import { readBoot } from './boot-options.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import {
  collectBreaks,
  collectFaults,
  parseActivity,
  parseBuffer,
  parseCount,
  parseDuration,
  parseIdOption,
  parseRate,
  parseSlots,
} from './options.js';
import { jsonReport, plainReport, type Report } from './report.js';
import { Session } from './session.js';

interface Options {
  readonly site: string;
  readonly id: string;
  readonly issuerKey: string;
  readonly link?: string;
  readonly baud: number;
  readonly signMs: number;
  readonly bands: BandRange;
  readonly mix: BandMix;
  readonly rate: number;
  readonly history: number;
  readonly activity?: PastActivity;
  readonly seed: string;
  readonly enrol?: string;
  readonly fault: readonly FaultChoice[];
  readonly break: readonly BreakName[];
  readonly buffer?: number;
  readonly untrustedLink?: true;
  readonly slots: number;
  readonly bootKey?: readonly string[];
  readonly firmware?: string;
  readonly recovery?: true;
  readonly eraseMs: number;
  readonly writeMs: number;
  readonly for?: number;
  readonly json?: true;
}

export function registerReader(program: Command): void {
  program
    .command('reader')
    .description('a reader on a pseudo-terminal, with its own key, certificate, log and taps')
    .requiredOption('--site <name>', 'the site it belongs to', parseIdOption)
    .requiredOption('--issuer-key <file>', "the site's issuer key (PKCS#8 PEM), to certify the reader with")
    .option('--id <id>', 'name of the device', parseIdOption, 'reader-1')
    .option('--link <path>', 'a symbolic link to keep pointing at the terminal')
    .option('--baud <rate>', 'pace of the line in bits a second, 0 for none', parseCount, DEFAULT_BAUD)
    .option('--sign-ms <ms>', 'milliseconds that a signature takes', parseCount, DEFAULT_SETTINGS.signMs)
    .addOption(bandsOption())
    .addOption(mixOption())
    .option('--rate <taps>', 'taps a minute at random, 0 for by command only', parseRate, 0)
    .option('--history <minutes>', 'hold check-ins of half the bands from this long back', parseCount, 0)
    .option(
      '--activity <service:organiser:minutes>',
      'an activity that has been open for so long, with its last five bands there; it is closed after some seconds. Needs --history',
      parseActivity,
    )
    .option(
      '--enrol <file>',
      'enrolments that it logs at its start: bodies of records in base64, a line each',
    )
    .option('--seed <text>', 'repeats bands, arrivals and damage', '1')
    .addOption(
      new Option('--fault <name[:after]>', 'misbehave, after some occasions; may be given several times')
        .argParser(collectFaults)
        .default([], 'none'),
    )
    .option('--list-faults', 'print the faults there are, and end')
    .on('option:list-faults', () => listFaults(FAULTS))
    .addOption(
      new Option(
        '--break <name>',
        'get one thing wrong for good, which "bandctl conform" finds; "list" names them',
      )
        .argParser(collectBreaks)
        .default([], 'none'),
    )
    .option(
      '--buffer <bytes>',
      `SMP buffer of the device (default: ${DEFAULT_SETTINGS.bufferBytes}, or ${MIN_SESSION_BUFFER_BYTES} on an untrusted link)`,
      parseBuffer,
    )
    .option('--untrusted-link', 'demand a session, as on a link that anybody can get at')
    .option('--slots <count>', 'records that its flash holds', parseSlots, DEFAULT_SLOTS)
    .option(
      '--boot-key <file>',
      'a key whose images its bootloader takes (public, PEM); may be given several times. Without, any image',
      (file: string, before: readonly string[] | undefined) => [...(before ?? []), file],
    )
    .option('--firmware <file>', 'the signed image that it comes with, instead of one of version 1.0.0')
    .option('--recovery', "start in the bootloader's serial recovery, as with its button held down")
    .option('--erase-ms <ms>', 'milliseconds to erase a sector of image flash', parseCount, 0)
    .option('--write-ms <ms>', 'milliseconds to write a kilobyte of image flash', parseCount, 0)
    .option('--for <duration>', 'end by itself, for example 20s or 5m', parseDuration)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Prints the terminal's path first, then what the reader does. Commands are read from standard input:
${CONSOLE_HELP.replace(/^/gm, '  ')}

Example:
  bandsim reader --site dahaiyang --issuer-key issuer-key.pem --rate 30 --history 60
  bandsim reader --site dahaiyang --issuer-key issuer-key.pem --untrusted-link
  bandsim reader --break list
  bandsim reader --site dahaiyang --issuer-key issuer-key.pem --boot-key firmware.pub.pem`,
    )
    .action(runReader);
}

async function runReader(options: Options): Promise<void> {
  const write = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const report = options.json === true ? jsonReport(write) : plainReport(write);
  const session = openSession(options, report);
  try {
    await attended({
      forMs: options.for,
      line: (line, quit) => {
        const message = perform(line, session, quit);
        if (message !== undefined) report.note(message);
      },
    });
  } finally {
    session.end();
  }
}

/** @throws CommandFailure saying which file or port is the matter */
function openSession(options: Options, report: Report): Session {
  const {
    issuerKey: file,
    link,
    buffer: bufferBytes,
    fault: faults,
    break: breaks,
    enrol,
    ...rest
  } = options;
  const { recovery, eraseMs, writeMs } = options;
  const boot = { ...readBoot(options), timing: { eraseMs, writeMs }, recovery };
  if (options.untrustedLink === true && bufferBytes !== undefined && bufferBytes < MIN_SESSION_BUFFER_BYTES) {
    throw new CommandFailure(
      EXIT.usage,
      `a session does not fit a buffer of ${bufferBytes} bytes. Give --buffer ${MIN_SESSION_BUFFER_BYTES} or leave it out.`,
    );
  }
  if (options.activity !== undefined && options.activity.minutes > options.history) {
    throw new CommandFailure(
      EXIT.usage,
      `an activity that is open for ${options.activity.minutes} minutes needs a past as long. Give --history ${options.activity.minutes} or more.`,
    );
  }
  const issuerKey = readIssuerKey(file);
  const enrolments = enrol === undefined ? [] : readEnrolments(enrol);
  try {
    return new Session({
      ...rest,
      boot,
      issuerKey,
      enrolments,
      bufferBytes,
      faults,
      breaks,
      link: link && resolve(link),
      report,
    });
  } catch (error) {
    throw new CommandFailure(
      EXIT.notReachable,
      `cannot open a serial port${link === undefined ? '' : ` with a link at ${link}`}: ${messageOf(error)}`,
    );
  }
}

/** @throws CommandFailure */
function readEnrolments(file: string): CborMap[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const body = decodeStrict(Buffer.from(line, 'base64'));
      if (!(body instanceof Map)) throw new Error('it holds something that is no enrolment');
      return body as CborMap;
    });
  } catch (error) {
    throw new CommandFailure(EXIT.notReachable, `cannot use ${file}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
