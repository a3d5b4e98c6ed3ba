/** `bandctl info`: who is on a port, and how its log stands. */
import type { Command } from 'commander';
import { type Certificate, demandsSession, LinkError, openIssuerCertificate } from '@timeband/protocol';
import { DEFAULT_BAUD_RATE } from '@timeband/protocol/serial';
import { describeDevice } from '../inspect/describe.js';
import { type DeviceInfo, inspectDevice, InspectionError } from '../inspect/info.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { openingHint, wholeNumber } from './targets.js';

interface InfoOptions {
  readonly port: string;
  readonly baud: number;
  readonly timeout: number;
  readonly json?: true;
  readonly issuer?: string;
}

/** How it went on one port. */
type Result =
  | { readonly port: string; readonly info: DeviceInfo }
  | { readonly port: string; readonly exitCode: ExitCode; readonly code: string; readonly message: string };

const DEFAULT_TIMEOUT_MS = 1_000;

export function registerInfo(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  program
    .command('info')
    .description('show who a device is, its certificate, its firmware and how its log stands')
    .requiredOption('--port <path>', 'serial port, or a glob for several (quote it)')
    .option('--baud <rate>', 'line speed', wholeNumber, DEFAULT_BAUD_RATE)
    .option('--timeout <ms>', 'how long to wait for each answer', wholeNumber, DEFAULT_TIMEOUT_MS)
    .option('--issuer <file>', "the site's issuer certificate (issuer.cwt): verify the device's against it")
    .option('--json', 'print one JSON object a line, one for each port')
    .addHelpText(
      'after',
      `
It changes nothing on the device. A port belongs to one program at a time: stop the gateway
or give it another port first.
A glob asks every port that it matches, whatever is behind it: keep it to readers.

Examples:
  bandctl info --port /dev/ttyUSB0 --issuer issuer.cwt
  bandctl info --port '/dev/serial/by-id/*' --json`,
    )
    .action(async (options: InfoOptions) => {
      const issuer = options.issuer === undefined ? undefined : readIssuer(options.issuer);
      const ports = await environment.findPorts(options.port);
      if (ports.length === 0) {
        throw new CommandFailure(
          EXIT.notReachable,
          `no port ${options.port}. Is the reader plugged in? What there is: ls /dev/serial/by-id /dev/tty*`,
        );
      }
      const results: ExitCode[] = [];
      for (const port of ports) {
        const result = await inspectPort(port, options, issuer, environment);
        show(result, options.json === true, environment);
        results.push(exitCodeOf(result));
        if (results.at(-1) === EXIT.interrupted) break;
      }
      finish(results.find((exitCode) => exitCode !== EXIT.ok) ?? EXIT.ok);
    });
}

function readIssuer(file: string): Certificate {
  const bytes = readFileOr(file, 'the issuer certificate');
  try {
    return openIssuerCertificate(bytes);
  } catch (error) {
    throw new CommandFailure(
      EXIT.refused,
      `${file} is no issuer certificate (${(error as Error).message}). It is the issuer.cwt that the site was made with.`,
    );
  }
}

async function inspectPort(
  port: string,
  { baud, timeout }: InfoOptions,
  issuer: Certificate | undefined,
  environment: Environment,
): Promise<Result> {
  const interrupt = new AbortController();
  let stopListening = (): void => undefined;
  try {
    const link = await environment.openLink({ path: port, baudRate: baud });
    stopListening = environment.onInterrupt(() => {
      interrupt.abort();
      void link.close();
    });
    try {
      return {
        port,
        info: await inspectDevice(link, { timeoutMs: timeout, issuer, now: environment.now() }),
      };
    } finally {
      await link.close();
    }
  } catch (error) {
    if (interrupt.signal.aborted)
      return { port, exitCode: EXIT.interrupted, code: 'interrupted', message: 'interrupted' };
    return { port, ...explain(error, port) };
  } finally {
    stopListening();
  }
}

function explain(error: unknown, port: string): { exitCode: ExitCode; code: string; message: string } {
  if (error instanceof LinkError) {
    return {
      exitCode: EXIT.notReachable,
      code: error.code,
      message: `${error.message}. ${openingHint(error.message)}`,
    };
  }
  if (error instanceof InspectionError) {
    const { outcome, code, message } = error;
    if (outcome === 'silent') {
      const hint = `Is ${port} the right port and speed, and is the reader switched on?`;
      return {
        exitCode: EXIT.notReachable,
        code,
        message: `nothing answers on ${port}: ${message}. ${hint}`,
      };
    }
    const exitCode = outcome === 'refused' ? EXIT.refused : EXIT.failed;
    return {
      exitCode,
      code,
      message: `${port}: ${message}. ${hintOf(error.cause)}`,
    };
  }
  throw error;
}

function hintOf(cause: unknown): string {
  return demandsSession(cause)
    ? 'It demands a session, as on a link that anybody can get at, and this command makes none: ask over a trusted line.'
    : 'Try again; if it stays, the firmware is at fault.';
}

function exitCodeOf(result: Result): ExitCode {
  if (!('info' in result)) return result.exitCode;
  return result.info.certificate.trust.verdict === 'refused' ? EXIT.refused : EXIT.ok;
}

function show(result: Result, json: boolean, { print, complain }: Environment): void {
  if ('info' in result) {
    const { trust } = result.info.certificate;
    print(
      json ? JSON.stringify({ port: result.port, ...result.info }) : describeDevice(result.port, result.info),
    );
    if (trust.verdict === 'refused')
      complain(`bandctl: do not trust the device on ${result.port}: ${trust.reason}`);
    return;
  }
  const { port, code, message } = result;
  if (json) print(JSON.stringify({ port, error: { code, message } }));
  complain(`bandctl: ${message}`);
}
