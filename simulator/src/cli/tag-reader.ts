/** `bandsim tag-reader`: a commodity reader of tags on a pseudo-terminal of its own. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { fromHex, systemTimers, toHex } from '@timeband/protocol';
import { type Random, seededRandom } from '../random.js';
import {
  SimulatedTagReader,
  TAG_READER_FAULTS,
  TAG_READER_KINDS,
  type TagReaderFault,
  type TagReaderKind,
  WEDGE_FORMS,
  type WedgeForm,
} from '../tag-reader/index.js';
import { SerialReader } from '../uart/serial-reader.js';
import { attended, listFaults } from './attended.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseCount, parseDuration, parseRate, parseUid } from './options.js';

interface Options {
  readonly kind: TagReaderKind;
  readonly link?: string;
  readonly baud?: number;
  readonly form: WedgeForm;
  readonly tags: number;
  readonly rate: number;
  readonly hold: number;
  readonly seed: string;
  readonly fault: readonly TagReaderFault[];
  readonly for?: number;
  readonly json?: true;
}

const USUAL_BAUD = { rdm6300: 9_600, pn532: 115_200, wedge: 9_600 } as const;

export function registerTagReader(program: Command): void {
  program
    .command('tag-reader')
    .description('a commodity reader (RDM6300, PN532, or one that types numbers) on a pseudo-terminal')
    .addOption(new Option('--kind <kind>', 'what it is').choices(TAG_READER_KINDS).makeOptionMandatory())
    .option('--link <path>', 'a symbolic link to keep pointing at the terminal')
    .option(
      '--baud <rate>',
      'pace of the line in bits a second, 0 for none (default: 9600, of a pn532 115200)',
      parseCount,
    )
    .addOption(new Option('--form <form>', 'how a wedge writes').choices(WEDGE_FORMS).default('decimal'))
    .option('--tags <count>', 'tags that come by themselves', parseCount, 20)
    .option('--rate <taps>', 'taps a minute at random, 0 for by command only', parseRate, 0)
    .option('--hold <duration>', 'how long a tag is held there', parseDuration, 300)
    .option('--seed <text>', 'repeats tags and arrivals', '1')
    .addOption(
      new Option('--fault <name>', 'goes wrong with the next tag; may be given several times')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--list-faults', 'print the faults there are, and end')
    .on('option:list-faults', () => listFaults(TAG_READER_FAULTS))
    .option('--for <duration>', 'end by itself, for example 20s or 5m', parseDuration)
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Prints the terminal's path first, then each tap. Commands are read from standard input:
  tap [UID]      hold a tag there: its number in hexadecimal, or one of --tags
  fault NAME     go wrong with the next tag: ${Object.keys(TAG_READER_FAULTS).join(', ')}
  unplug, plug   pull it out, put it in again
  quit

Example:
  bandsim tag-reader --kind rdm6300 --link /tmp/rdm6300 --rate 6
  bandsim tag-reader --kind wedge --form hex --link /tmp/wedge --fault half`,
    )
    .action(runTagReader);
}

async function runTagReader(options: Options): Promise<void> {
  const { kind, form, link, baud = USUAL_BAUD[kind], hold, rate, seed, tags } = options;
  const random = seededRandom(`${seed}/${kind}/tags`);
  const known = Array.from({ length: tags }, () => someTag(kind, form, random));
  const device = new SimulatedTagReader({ kind, form, timers: systemTimers });
  for (const fault of options.fault) device.misbehave(fault);
  const port = openPort(device, baud, link);
  const say = (what: Readonly<Record<string, string | undefined>>, plain: string): void => {
    process.stdout.write(`${options.json === true ? JSON.stringify(what) : plain}\n`);
  };
  const sayPort = (): void => {
    say({ port: port.path, kind }, port.path === undefined ? 'unplugged' : `${kind} on ${port.path}`);
  };
  const tap = (uid = known[random.below(known.length)]): void => {
    if (uid === undefined) return;
    device.tap(uid, hold);
    say({ tap: toHex(uid) }, `tap ${toHex(uid)}`);
  };
  let cancel = (): void => undefined;
  const tapOn = (): void => {
    if (rate === 0) return;
    const ms = (-Math.log(1 - random.next()) * 60_000) / rate;
    cancel = systemTimers.after(ms, () => {
      tap();
      tapOn();
    });
  };
  sayPort();
  tapOn();
  try {
    await attended({
      forMs: options.for,
      line: (line, quit) => {
        const [word = '', argument = ''] = line.trim().split(/\s+/);
        const uid = parseUid(argument);
        try {
          if (word === 'quit') quit();
          else if (word === 'tap' && (argument === '' || uid !== undefined)) tap(uid);
          else if (word === 'fault' && isFault(argument)) device.misbehave(argument);
          else if (word === 'unplug' || word === 'plug') {
            port[word]();
            sayPort();
          } else if (word !== '') console.error(`not understood: ${line}. See --help`);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          console.error(error.message);
        }
      },
    });
  } finally {
    cancel();
    device.stop();
    port.unplug();
  }
}

/** @throws CommandFailure */
function openPort(device: SimulatedTagReader, baud: number, link: string | undefined): SerialReader {
  try {
    return new SerialReader(device, { baud, link: link && resolve(link) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const at = link === undefined ? '' : ` with a link at ${link}`;
    throw new CommandFailure(EXIT.notReachable, `cannot open a serial port${at}: ${why}`);
  }
}

/** EM4100 tags of one batch, or tags of ISO 14443 as NXP makes them. */
function someTag(kind: TagReaderKind, form: WedgeForm, random: Random): Uint8Array {
  return kind === 'pn532' || (kind === 'wedge' && form === 'hex')
    ? Uint8Array.of(0x04, ...random.bytes(6))
    : Uint8Array.of(...fromHex('0a00'), ...random.bytes(3));
}

function collect(text: string, before: readonly TagReaderFault[]): readonly TagReaderFault[] {
  if (!isFault(text)) {
    throw new InvalidArgumentError(`Not a fault. There are: ${Object.keys(TAG_READER_FAULTS).join(', ')}.`);
  }
  return [...before, text];
}

function isFault(text: string): text is TagReaderFault {
  return Object.hasOwn(TAG_READER_FAULTS, text);
}
