/** `bandctl station`: the bench on which crates of devices are provisioned. */
import { type Command, Option } from 'commander';
import { DEFAULT_BAUD_RATE } from '@timeband/protocol/serial';
import { benchOnAir, type Desk } from '../../provision/index.js';
import {
  LABEL_SHEETS,
  type LabelSheetName,
  MOST_AT_ONCE,
  Screen,
  Station,
  writeBatch,
} from '../../station/index.js';
import { readPlans } from '../../station/plans.js';
import { type BleRadio, serialTargets, type Target } from '../../target/index.js';
import type { Environment } from '../environment.js';
import { CommandFailure, EXIT, type ExitCode } from '../exit-codes.js';
import { readFileOr } from '../files.js';
import { keysOf, openRadio, type RadioCliOptions, radioOptions } from '../radio-options.js';
import { type DeskOptions, makingOptions, openDesk } from './desk-options.js';
import { wholeNumber } from './devices.js';
import { failWith } from './failures.js';

interface StationCommandOptions extends DeskOptions, RadioCliOptions {
  readonly issuer: string;
  readonly port?: string[];
  readonly baud: number;
  readonly count?: number;
  readonly devices?: string;
  readonly atOnce: number;
  readonly out: string;
  readonly sheet: LabelSheetName;
  readonly skip?: number;
  readonly json?: true;
}

export function registerStation(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  radioOptions(
    makingOptions(program.command('station'))
      .description('a bench: provision every device that is plugged in or advertised, up to 16 at once')
      .option('--port <path…>', 'serial ports to watch: paths or globs (quote them)', collect)
      .option('--baud <rate>', 'line speed', wholeNumber, DEFAULT_BAUD_RATE),
  )
    .option('--count <devices>', 'end by itself when so many are done', wholeNumber)
    .option('--devices <file>', 'a table serial,device,account: what each is to become')
    .option('--at-once <devices>', 'how many are worked on at once', wholeNumber, MOST_AT_ONCE)
    .option('--out <dir>', 'folder for the report and the labels', '.')
    .addOption(
      new Option('--sheet <sheet>', 'A4 sheet of labels').choices(Object.keys(LABEL_SHEETS)).default('3x8'),
    )
    .option('--skip <labels>', 'labels of the first sheet that are used already', wholeNumber)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Plug devices in, and pull them when their line says what they are. One that was pulled too early goes on when it is
back, on any port. Ctrl-C ends the batch and writes batch-….csv, .pdf (both signed) and -labels.pdf.
A glob asks every port that it matches, whatever is behind it: keep it to the bench.
With --ble bands from the factory are provisioned over the air: all that are heard, or those that are named.

Examples:
  bandctl station --port '/dev/serial/by-id/*' --issuer-key issuer.key --issuer issuer.cwt --out batches
  bandctl station --ble --adapter /dev/serial/by-id/usb-dongle --issuer-key issuer.key --issuer issuer.cwt --count 16`,
    )
    .action(async (options: StationCommandOptions) => {
      const desk = await openDesk(options, environment).catch((error: unknown) =>
        failWith(error, 'the site'),
      );
      try {
        finish(await runStation(desk, options, environment));
      } catch (error) {
        failWith(error, 'the bench');
      } finally {
        desk.close();
      }
    });
}

async function runStation(
  desk: Desk,
  options: StationCommandOptions,
  environment: Environment,
): Promise<ExitCode> {
  const { count, devices, out, sheet, skip, json, atOnce } = options;
  const plans = readPlans(
    devices === undefined ? '' : new TextDecoder().decode(readFileOr(devices, 'the table of devices')),
  );
  const { port, ble } = options;
  if (port === undefined && ble === undefined)
    throw new CommandFailure(EXIT.usage, 'say where devices come to: --port, --ble or both');
  const radio = ble === undefined ? undefined : await openRadio(options, environment, keysOf(desk.register));
  const begun = desk.now;
  const screen = new Screen({ expected: count, ...environment.screen });
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const station = new Station({
    ...{ desk, atOnce, look: () => lookAt(options, environment, radio, desk) },
    left: (place) => {
      screen.left(place);
    },
    planFor: (serial) => plans.get(serial) ?? {},
    changed: (place) => {
      if (json === true) environment.print(JSON.stringify(place, shortBytes));
      else screen.changed(place);
      if (count !== undefined && station.made.length >= count && place.state === 'done') ended();
    },
  });
  const stop = environment.onInterrupt(ended);
  station.start();
  await end;
  stop();
  await station.close();
  await radio?.close();
  const made = station.made;
  if (made.length === 0) {
    environment.complain('bandctl: nothing was provisioned, so there is no report');
    return EXIT.notReachable;
  }
  const { entries, hash } = desk.register;
  const files = await writeBatch(
    { site: desk.site, begun, ended: desk.now, devices: made, register: { entries: entries.length, hash } },
    { dir: out, key: desk.issuerKey, sheet, skip },
  );
  if (json === true) environment.print(JSON.stringify({ state: 'ended', devices: made.length, ...files }));
  else
    environment.print(
      `${made.length} devices. Report: ${files.csv} and ${files.pdf}, signed. Labels: ${files.labels}\nNow bring the register to the gateway: timeband-gateway register import ${desk.registerFile}`,
    );
  const isUnfinished = station.all.some(({ state }) => state === 'interrupted' || state === 'refused');
  return isUnfinished ? EXIT.failed : EXIT.ok;
}

async function lookAt(
  { port = [], baud, ble }: StationCommandOptions,
  environment: Environment,
  radio: BleRadio | undefined,
  desk: Desk,
): Promise<readonly Target[]> {
  const found = await Promise.all(
    port.map((pattern) => serialTargets({ pattern, baudRate: baud }, environment)),
  );
  const named = ble === true ? undefined : ble;
  const heard = radio === undefined ? [] : benchOnAir(radio, desk.isOwed, named);
  return [...new Map([...found.flat(), ...heard].map((target) => [target.name, target])).values()];
}

/** Bytes in hexadecimal; keys of devices stay out. */
function shortBytes(name: string, value: unknown): unknown {
  if (name === 'deviceKey' || name === 'irk' || name === 'certificate') return undefined;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
