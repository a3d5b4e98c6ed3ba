/** `bandctl logs`: what a device has recorded, and whether it holds. */
import type { Command } from 'commander';
import { LinkError, SmpError, systemTimers } from '@timeband/protocol';
import {
  describeEntry,
  describeProofs,
  entryJson,
  type LogBatch,
  type LogHead,
  LogReader,
} from '../inspect/log/index.js';
import type { OpenDevice } from '../target/index.js';
import { type DeviceCliOptions, type DeviceContext, onEachDevice } from './devices.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { targetOptions, wholeNumber } from './targets.js';

interface LogsOptions extends DeviceCliOptions {
  readonly from?: number;
  readonly newest?: number;
  readonly follow?: true;
  /** False with `--no-seal`. */
  readonly seal: boolean;
}

/** Between two looks for new records. */
const POLL_MS = 500;
/** Between two attempts to find a device that was unplugged. */
const RETRY_MS = 1_000;

export function registerLogs(
  program: Command,
  environment: Environment,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command('logs')
    .description('read what a device has recorded, verified by its certificate and its seal');
  targetOptions(command)
    .option('--from <number>', 'first record; the oldest that is there without', wholeNumber)
    .option('--newest <count>', 'only so many of the newest', wholeNumber)
    .option('--follow', 'go on with what is recorded from now on, also after it was unplugged, until Ctrl-C')
    .option('--no-seal', 'ask for no seals, and prove nothing')
    .option('--json', 'print one JSON object a record')
    .addHelpText(
      'after',
      `
Nothing is acknowledged: the records stay, and the gateway gets them as if nobody had looked. With --issuer the certificate is
verified as well. Times are by this computer's clock and the device's uptime, as a gateway has them.
Exits with 4 when records do not hold.

Examples:
  bandctl logs --port /dev/ttyUSB0 --issuer issuer.cwt
  bandctl logs --port /dev/ttyUSB0 --newest 20 --follow
  bandctl logs --sim="--rate 60" --follow --json`,
    )
    .action(async (options: LogsOptions) => {
      finish(await onEachDevice(options, environment, (context) => showLog(context, options, environment)));
    });
}

async function showLog(
  context: DeviceContext,
  { from, newest, follow, seal, json }: LogsOptions,
  environment: Environment,
): Promise<ExitCode> {
  const { issuer, isInterrupted } = context;
  const reader = new LogReader({ issuer, from, newest, isUnsealed: !seal, now: environment.now });
  const isJson = json === true;
  const attach = async (device: OpenDevice): Promise<LogHead> => {
    const head = await reader.attach(device);
    if (!isJson) environment.print(heading(head));
    return head;
  };
  let head = await attach(context.device);
  let isGood = isBelieved(head, environment);
  const isOver = (): boolean => isInterrupted() || environment.isUnread?.() === true;
  do {
    try {
      for (let batch = await reader.next(); batch !== undefined && !isOver(); batch = await reader.next()) {
        show(head, batch, isJson, environment);
        isGood &&= batch.proof.verdict !== 'refused';
      }
      if (follow === true) await pause(POLL_MS);
    } catch (error) {
      if (isInterrupted()) break;
      if (follow !== true || !isGone(error)) throw error;
      environment.complain(`bandctl: ${context.target.name} is gone; waiting for it. Ctrl-C ends`);
      const device = await comeBack(context);
      if (device === undefined) break;
      head = await attach(device);
    }
  } while (follow === true && !isOver());
  return isGood ? EXIT.ok : EXIT.refused;
}

/** Tries until it answers again; undefined when the person has had enough. */
async function comeBack({ reopen, isInterrupted }: DeviceContext): Promise<OpenDevice | undefined> {
  while (!isInterrupted()) {
    await pause(RETRY_MS);
    try {
      return await reopen();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return undefined;
}

function isGone(error: unknown): boolean {
  return error instanceof LinkError || (error instanceof SmpError && error.code === 'smp/timeout');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemTimers.after(ms, resolve));
}

function heading({ device, log, epoch, head, acked, oldest }: LogHead): string {
  const gone = oldest > 1 ? `, those before ${oldest} are overwritten` : '';
  return `${device}, log ${log}, epoch ${epoch}: ${head} records, ${acked} acknowledged${gone}`;
}

function isBelieved({ device, certificate: { trust } }: LogHead, { complain }: Environment): boolean {
  if (trust.verdict === 'not verified')
    complain(`bandctl: the certificate of ${device} is not verified: give --issuer`);
  if (trust.verdict === 'refused') complain(`bandctl: do not trust ${device}: ${trust.reason}`);
  return trust.verdict !== 'refused';
}

function show(head: LogHead, batch: LogBatch, isJson: boolean, { print, complain }: Environment): void {
  for (const entry of batch.entries)
    print(isJson ? JSON.stringify(entryJson(head, entry)) : describeEntry(entry));
  for (const line of describeProofs(batch)) {
    if (batch.proof.verdict === 'refused') complain(`bandctl: ${line}`);
    else if (!isJson) print(`  ${line}`);
  }
}
