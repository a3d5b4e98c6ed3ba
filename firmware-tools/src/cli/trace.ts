/** `bandctl trace`: SMP traffic, bytes and meaning side by side, from a device or from a capture. */
import type { Command } from 'commander';
import { call, COMMAND, FrameError, LinkError, systemTimers } from '@timeband/protocol';
import {
  CaptureError,
  describeExchange,
  type Exchange,
  exchangeJson,
  readCapture,
  SerialTraffic,
  type ShowOptions,
  watchTarget,
} from '../inspect/traffic/index.js';
import { openDevice, type OpenDevice, type Target } from '../target/index.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { readBandKeys } from './radio-options.js';
import {
  chooseTargets,
  explainFailure,
  readTechnician,
  type TargetCliOptions,
  targetOptions,
  wholeNumber,
} from './targets.js';

interface TraceOptions extends TargetCliOptions {
  readonly certificate: readonly string[];
  readonly every: number;
  readonly count?: number;
  readonly listenOnly?: true;
  readonly adverts?: true;
  readonly brief?: true;
  readonly json?: true;
}

const DEFAULT_EVERY_MS = 1_000;

export function registerTrace(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('trace')
    .description('show SMP traffic, bytes and meaning side by side: of a device, or of a capture')
    .argument(
      '[capture]',
      'file: btsnoop as bandsim radio writes it, or the raw bytes of a serial line; - for standard input',
    );
  targetOptions(command, { hasTraffic: false })
    .option('--every <ms>', 'ask the device for its status so often', wholeNumber, DEFAULT_EVERY_MS)
    .option('--count <n>', 'ask so many times, then end', wholeNumber)
    .option('--listen-only', 'ask nothing, only show what comes in on a serial port: a tap on the line')
    .option(
      '--certificate <file>',
      'certificate of whoever signed; may be given several times',
      (file: string, before: readonly string[]) => [...before, file],
      [],
    )
    .option('--adverts', 'show every advert of a capture, also those that say nothing new')
    .option('--brief', 'one line each, without the bytes')
    .option('--json', 'print one JSON object for each packet')
    .addHelpText(
      'after',
      `
On a device it asks what a gateway asks (parameters, identity, status), which changes nothing, and shows both directions. A port
belongs to one program at a time: to see what a gateway says, tap the line with another adapter and --listen-only, or record it.
→ goes to the device, ← comes from it. What a session encrypts stays so: only its two ends can read it.

Examples:
  bandctl trace --port /dev/ttyUSB0 --count 3
  bandctl trace radio.btsnoop --brief --bands register.txt --issuer issuer.cwt
  bandctl trace --sim --json`,
    )
    .action(async (capture: string | undefined, options: TraceOptions) => {
      finish(
        capture === undefined
          ? await traceLive(options, environment)
          : traceCapture(capture, options, environment),
      );
    });
}

function traceCapture(file: string, options: TraceOptions, environment: Environment): ExitCode {
  const bytes = file === '-' ? environment.readInput() : readFileOr(file, 'the capture');
  let exchanges: readonly Exchange[];
  try {
    exchanges = readCapture(bytes);
  } catch (error) {
    if (!(error instanceof CaptureError || error instanceof FrameError)) throw error;
    throw new CommandFailure(EXIT.refused, `${file}: ${error.message}`);
  }
  const show = shower(options, environment);
  for (const exchange of exchanges) {
    if (environment.isUnread?.() === true) break;
    show(exchange);
  }
  return EXIT.ok;
}

/** Prints one exchange. @throws CommandFailure for files that are none */
function shower(options: TraceOptions, environment: Environment): (exchange: Exchange) => void {
  const { issuer, certificate, bands, brief, json, adverts } = options;
  const how: ShowOptions = {
    issuer: issuer === undefined ? undefined : readFileOr(issuer, 'the issuer certificate'),
    certificates: certificate.map((file) => readFileOr(file, 'a certificate')),
    bands: bands === undefined ? undefined : readBandKeys(bands, options),
    isBrief: brief === true,
    now: environment.now(),
  };
  const isShown = isInteresting(adverts === true);
  return (exchange) => {
    if (!isShown(exchange)) return;
    environment.print(
      json === true ? JSON.stringify(exchangeJson(exchange, how)) : describeExchange(exchange, how),
    );
  };
}

/** An advert is repeated many times a second: each is shown when it says something new. */
function isInteresting(isEverything: boolean): (exchange: Exchange) => boolean {
  const last = new Map<string, string>();
  return (exchange) => {
    if (exchange.kind !== 'advert' || isEverything) return true;
    const bytes = exchange.bytes.join();
    const where = exchange.where ?? '';
    if (last.get(where) === bytes) return false;
    last.set(where, bytes);
    return true;
  };
}

async function traceLive(options: TraceOptions, environment: Environment): Promise<ExitCode> {
  const technician = await readTechnician(options, environment);
  const print = shower(options, environment);
  const targets = await chooseTargets(options, environment);
  const interrupt = new AbortController();
  const show = (exchange: Exchange): void => {
    print(exchange);
    if (environment.isUnread?.() === true) interrupt.abort();
  };
  const stopListening = environment.onInterrupt(() => {
    interrupt.abort();
  });
  try {
    const traced = targets.list.map(async (target) => {
      try {
        if (options.listenOnly === true) await listen(target, show, interrupt.signal);
        else {
          const watched = watchTarget(target, show, Date.now);
          await converse(
            await openDevice(watched, { technician, timeoutMs: options.timeout, evenIfIll: true }),
            options,
            interrupt.signal,
          );
        }
        return EXIT.ok;
      } catch (error) {
        const explained = explainFailure(error, target.name);
        if (explained === undefined) throw error;
        environment.complain(`bandctl: ${explained.message}`);
        return explained.exitCode;
      }
    });
    const codes = await Promise.all(traced);
    return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
  } finally {
    stopListening();
    await targets.close();
  }
}

/** Asks as a gateway does, without a word that changes anything. */
async function converse(
  device: OpenDevice,
  { every, count = Infinity }: Pick<TraceOptions, 'every' | 'count'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (device.identity === undefined) return;
    let seen = 0;
    for (let left = count; left > 0 && !signal.aborted; left--) {
      const { head } = await call(device.client, COMMAND.status, { seen });
      seen = head;
      if (left > 1) await pause(every, signal);
    }
  } finally {
    await device.close();
  }
}

/** @throws LinkError */
async function listen(
  target: Target,
  show: (exchange: Exchange) => void,
  signal: AbortSignal,
): Promise<void> {
  const link = await target.open();
  const { line } = link;
  if (line === undefined) {
    await link.close();
    throw new CommandFailure(
      EXIT.usage,
      `${target.name} is no serial port: on the radio nobody can only listen. Give a capture`,
    );
  }
  const traffic = new SerialTraffic(show, link.name);
  const ended = new Promise<Error | undefined>((resolve) => {
    link.start({ packet: () => undefined, fault: () => undefined, closed: resolve });
  });
  line.watch((bytes) => {
    traffic.push(bytes, Date.now());
  });
  signal.addEventListener('abort', () => void link.close(), { once: true });
  if (signal.aborted) await link.close();
  const reason = await ended;
  traffic.end();
  if (reason !== undefined) throw new LinkError('link/closed', `${target.name}: ${reason.message}`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = systemTimers.after(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });
}
