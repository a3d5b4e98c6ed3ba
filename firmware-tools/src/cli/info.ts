/** `bandctl info`: who is on a port, and how its log stands. */
import type { Command } from 'commander';
import { demandsSession, LinkError, REFUSAL, SessionError, SmpError } from '@timeband/protocol';
import { describeDevice } from '../inspect/describe.js';
import { type DeviceInfo, inspectDevice, InspectionError, type InspectOptions } from '../inspect/info.js';
import type { Environment } from './environment.js';
import { readIssuer } from './devices.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import {
  chooseTargets,
  openingHint,
  readTechnician,
  type TargetCliOptions,
  targetOptions,
} from './targets.js';
import type { Target } from '../target/index.js';

interface InfoOptions extends TargetCliOptions {
  readonly json?: true;
}

/** How it went on one port. */
type Result =
  | { readonly port: string; readonly info: DeviceInfo }
  | { readonly port: string; readonly exitCode: ExitCode; readonly code: string; readonly message: string };

export function registerInfo(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('info')
    .description('show who a device is, its certificate, its firmware and how its log stands');
  targetOptions(command)
    .option('--json', 'print one JSON object a line, one for each device')
    .addHelpText(
      'after',
      `
It changes nothing on the device. With --issuer its certificate is verified. A port belongs to one program at a time: stop
the gateway or give it another port first. A glob asks every port that it matches, whatever is behind it: keep it to readers.
On the radio, and where a line is not trusted, a device tells this to a technician of its site alone.

Examples:
  bandctl info --port /dev/ttyUSB0 --issuer issuer.cwt
  bandctl info --port '/dev/serial/by-id/*' --json
  bandctl info --ble band-7 --bands bands.json --technician-key me.key --technician-cert me.cwt --issuer issuer.cwt`,
    )
    .action(async (options: InfoOptions) => {
      const issuer = options.issuer === undefined ? undefined : readIssuer(options.issuer);
      const technician = await readTechnician(options, environment);
      const targets = await chooseTargets(options, environment);
      try {
        const results: ExitCode[] = [];
        for (const target of targets.list) {
          const result = await inspectTarget(target, options, { issuer, technician }, environment);
          show(result, options.json === true, environment);
          results.push(exitCodeOf(result));
          if (results.at(-1) === EXIT.interrupted) break;
        }
        finish(results.find((exitCode) => exitCode !== EXIT.ok) ?? EXIT.ok);
      } finally {
        await targets.close();
      }
    });
}

async function inspectTarget(
  target: Target,
  { timeout }: InfoOptions,
  who: Pick<InspectOptions, 'issuer' | 'technician'>,
  environment: Environment,
): Promise<Result> {
  const port = target.name;
  const interrupt = new AbortController();
  let stopListening = (): void => undefined;
  try {
    const link = await target.open();
    stopListening = environment.onInterrupt(() => {
      interrupt.abort();
      void link.close();
    });
    try {
      return {
        port,
        info: await inspectDevice(link, { ...who, timeoutMs: timeout, now: environment.now() }),
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
    if (error.cause instanceof SessionError)
      return {
        ...{ exitCode: EXIT.refused, code },
        message: `${port}: no session: ${message}. Both certificates have to be of the same site, and in force.`,
      };
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
  if (cause instanceof SmpError && cause.rc === REFUSAL.notProvisioned)
    return 'It belongs to no site yet: bandctl scan shows its serial, bandctl provision gives it a site.';
  return demandsSession(cause)
    ? 'It demands a session: give --technician-key, --technician-cert and --issuer.'
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
