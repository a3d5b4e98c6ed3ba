/**
 * Tells systemd how the gateway is (sd_notify(3)). Node has no datagram sockets of the Unix domain, so the program
 * `systemd-notify` carries the words; the unit has to allow it: `NotifyAccess=all`. Elsewhere nothing is told to nobody.
 */
import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

export interface ServiceNotifier {
  /** Milliseconds within which systemd wants a sign of life; absent where it wants none. */
  readonly watchdogMs: number | undefined;
  /** Ready may take a while yet: a big database of an earlier version is brought to this one's shape. Resolves when systemd knows. */
  readonly starting: (status: string) => Promise<void>;
  readonly ready: (status: string) => void;
  /** The settings are read again; {@link ready} says that it is over. */
  readonly reloading: () => void;
  /** A sign of life, with one line for people. */
  readonly alive: (status: string) => void;
  /** Resolves when systemd knows. */
  readonly stopping: () => Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface NotifierOptions {
  readonly log: Logger;
  readonly env?: Environment | undefined;
  readonly pid?: number | undefined;
}

const PROGRAM = 'systemd-notify';
/** systemd not answering must not keep the gateway from stopping. */
const PATIENCE_MS = 5_000;
/** From when it is said; systemd takes it as the least that it waits (sd_notify(3)). */
const START_SECONDS = 900;

export function serviceNotifier({
  log,
  env = process.env,
  pid = process.pid,
}: NotifierOptions): ServiceNotifier {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return NOBODY;
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let hasComplained = false;
  const send = (words: readonly string[]): Promise<void> => {
    waiting++;
    last = last
      .then(() => run(words, env))
      .then((error) => {
        waiting--;
        if (error === undefined || hasComplained) return;
        hasComplained = true;
        log.error({ reason: error.message }, `systemd cannot be told anything: is ${PROGRAM} there?`);
      });
    return last;
  };
  return {
    watchdogMs: watchdogOf(env, pid),
    starting: (status) => send([`EXTEND_TIMEOUT_USEC=${START_SECONDS * 1_000_000}`, statusLine(status)]),
    ready: (status) => void send(['READY=1', statusLine(status)]),
    reloading: () => void send(['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`]),
    alive: (status) => {
      // One that is still on its way says the same.
      if (waiting === 0) void send(['WATCHDOG=1', statusLine(status)]);
    },
    stopping: () => send(['STOPPING=1', statusLine('stopping')]),
  };
}

const NOBODY: ServiceNotifier = {
  watchdogMs: undefined,
  starting: () => Promise.resolve(),
  ready: () => undefined,
  reloading: () => undefined,
  alive: () => undefined,
  stopping: () => Promise.resolve(),
};

/** sd_watchdog_enabled(3): the time is for the process that it names. */
function watchdogOf(env: Environment, pid: number): number | undefined {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const isForUs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === pid;
  return isForUs && Number.isSafeInteger(microseconds) && microseconds > 0 ? microseconds / 1_000 : undefined;
}

function statusLine(status: string): string {
  return `STATUS=${status.replaceAll(/\s+/g, ' ')}`;
}

function run(words: readonly string[], env: Environment): Promise<Error | undefined> {
  return new Promise((resolve) => {
    execFile(PROGRAM, words, { env, timeout: PATIENCE_MS }, (error) => {
      resolve(error ?? undefined);
    });
  });
}
