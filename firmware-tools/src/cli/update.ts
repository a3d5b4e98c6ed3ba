/** `bandctl update`: brings a firmware image onto devices. */
import type { Command } from 'commander';
import {
  type Image,
  ImageError,
  type ImageKey,
  readImage,
  readImageFile,
  readImageKey,
} from '../image/index.js';
import type { Target } from '../target/index.js';
import { UpdateError, updateMany, type UpdateReport } from '../update/index.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { Progress } from './progress.js';
import {
  chooseTargets,
  type Explanation,
  explainFailure,
  readTechnician,
  type TargetCliOptions,
  targetOptions,
  wholeNumber,
} from './targets.js';

interface UpdateCliOptions extends TargetCliOptions {
  readonly key: readonly string[];
  readonly uncheckedSignature?: true;
  readonly anyHardware?: true;
  readonly anyVersion?: true;
  readonly many?: true;
  readonly patience: number;
  readonly json?: true;
}

const DEFAULT_PATIENCE_S = 120;
/** They share one radio, which does not get faster with more of them. */
const ON_RADIO = 4;

export function registerUpdate(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('update')
    .description('bring a firmware image onto devices: check, send, try, and go back when it is not well')
    .argument('<image>', 'signed image, raw or Intel HEX (.hex)');
  targetOptions(command)
    .option('--many', 'several devices at once, as many as are found')
    .option(
      '--key <file>',
      'public key that has to have signed the image; may be given several times',
      (file: string, before: readonly string[]) => [...before, file],
      [],
    )
    .option('--unchecked-signature', 'send it though nobody can say whether the bootloader will take it')
    .option('--any-hardware', 'send it though it names other hardware, or none')
    .option('--any-version', 'send it though the device runs a newer one')
    .option(
      '--patience <seconds>',
      'how long to wait for a device that restarts or was pulled out',
      wholeNumber,
      DEFAULT_PATIENCE_S,
    )
    .option('--json', 'print one JSON object a device')
    .addHelpText(
      'after',
      `
Nothing is sent before hardware, signature, version and security counter are found right. When the cable
comes out, put it back: it goes on where it was. The new image is kept only once it runs and answers;
otherwise the bootloader goes back to the old one. Works from MCUboot's serial recovery, too.

Examples:
  bandctl update reader-2.1.7.bin --port /dev/ttyUSB0 --key release.pub.pem
  bandctl update reader-2.1.7.bin --many --port 'usb:10c4:ea60' --key release.pub.pem
  bandctl update reader-2.1.7.bin --sim --any-hardware --unchecked-signature`,
    )
    .action(async (file: string, options: UpdateCliOptions) => {
      finish(await runUpdate(file, options, environment));
    });
}

async function runUpdate(
  file: string,
  options: UpdateCliOptions,
  environment: Environment,
): Promise<ExitCode> {
  const image = openImage(file);
  const keys = options.key.map((name) => openKey(name));
  const technician = await readTechnician(options, environment);
  const targets = await chooseTargets(options, environment);
  const interrupt = new AbortController();
  const stopListening = environment.onInterrupt(() => {
    interrupt.abort();
  });
  try {
    if (targets.list.length > 1 && options.many !== true)
      throw new CommandFailure(
        EXIT.usage,
        `there are ${targets.list.length} devices: ${targets.list.map(({ name }) => name).join(', ')}. Name one, or give --many`,
      );
    const names = targets.list.map(({ name }) => name);
    const progress = new Progress(names, environment, options.json === true);
    const codes: ExitCode[] = [];
    await updateMany(targets.list, image, {
      atOnce: targets.list.some(({ transport }) => transport === 'ble') ? ON_RADIO : undefined,
      ...{ keys, technician, timeoutMs: options.timeout, patienceMs: options.patience * 1_000 },
      ...{ uncheckedSignature: options.uncheckedSignature, signal: interrupt.signal },
      ...{ anyHardware: options.anyHardware, anyVersion: options.anyVersion },
      progress: (target, step) => {
        progress.update(target.name, step);
      },
      finished: (target, result) => {
        progress.end(target.name, result instanceof Error ? 'failed' : result.outcome);
        progress.clear();
        codes.push(show(target, result, options.json === true, environment));
      },
    });
    return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
  } finally {
    stopListening();
    await targets.close();
  }
}

/** @throws CommandFailure, ImageError */
function openImage(file: string): Image {
  try {
    return readImage(readImageFile(file).bytes);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new CommandFailure(EXIT.notReachable, `cannot read the image: ${(error as Error).message}`);
  }
}

function openKey(file: string): ImageKey {
  try {
    return readImageKey(file);
  } catch (error) {
    if (error instanceof ImageError && error.code === 'key/passphrase')
      throw new CommandFailure(
        EXIT.refused,
        `${file} is a private key: give the public one (bandctl image pubkey)`,
      );
    throw error;
  }
}

function show(
  { name }: Target,
  result: UpdateReport | Error,
  isJson: boolean,
  { print, complain }: Environment,
): ExitCode {
  if (!(result instanceof Error)) {
    if (isJson) print(JSON.stringify(result));
    else print(sentence(result));
    return EXIT.ok;
  }
  const { exitCode, code, message } = explain(result, name);
  if (isJson) print(JSON.stringify({ target: name, error: { code, message } }));
  complain(`bandctl: ${message}`);
  return exitCode;
}

function sentence({ target, device, outcome, from, to, breaks, notes }: UpdateReport): string {
  const who = device === undefined || device === target ? target : `${device} (${target})`;
  const what =
    outcome === 'already'
      ? `runs this image of ${to} already`
      : `runs ${to}${from === undefined ? '' : `, before ${from}`}`;
  const after = breaks === 0 ? '' : `, after ${breaks} break${breaks === 1 ? '' : 's'}`;
  return [`${who} ${what}${after}`, ...notes.map((note) => `  note: ${note}`)].join('\n');
}

function explain(error: Error, name: string): Explanation {
  if (error instanceof UpdateError) {
    const { code, message } = error;
    return { exitCode: exitCodeOf(error), code, message: `${name}: ${message}` };
  }
  const explained = explainFailure(error, name);
  if (explained === undefined) throw error;
  return explained;
}

function exitCodeOf(error: UpdateError): ExitCode {
  if (error.isRefusal) return EXIT.refused;
  if (error.code === 'update/interrupted') return EXIT.interrupted;
  return EXIT.failed;
}
