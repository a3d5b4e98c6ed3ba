/**
 * Signs of life for systemd's watchdog, twice as often as it wants them, and only while the event loop turns and the
 * database answers. A disk that is full or fails is no reason to be killed: the gateway waits for it, and says so.
 */
import { systemTimers, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { RunningGateway } from '../ops/running-gateway.js';
import type { ServiceNotifier } from '../ops/notify.js';
import { StoreFault } from '../store/index.js';
import { describeReadiness, readinessOf } from './readiness.js';

export interface WatchdogOptions {
  readonly gateway: Pick<RunningGateway, 'report' | 'probe'>;
  readonly notifier: ServiceNotifier;
  readonly log: Logger;
  readonly timers?: Timers | undefined;
  /** Unix seconds. */
  readonly wallClock?: (() => number) | undefined;
}

/** Without a watchdog the status line is kept up to date all the same. */
const STATUS_EVERY_MS = 60_000;

/** @returns what ends it */
export function startWatchdog(options: WatchdogOptions): () => void {
  const { gateway, notifier, log, timers = systemTimers, wallClock = () => Date.now() / 1_000 } = options;
  const everyMs = notifier.watchdogMs === undefined ? STATUS_EVERY_MS : notifier.watchdogMs / 2;
  let commits = -1;
  let cancel = (): void => undefined;
  const look = (): void => {
    try {
      const { count } = gateway.report().commits;
      // A commit since the last look has proven as much.
      if (count === commits) probe(gateway);
      commits = count;
      notifier.alive(describeReadiness(readinessOf(gateway, wallClock())));
    } catch (error) {
      log.error({ err: error }, 'ALARM: the database does not answer; systemd will start the gateway anew');
    }
    cancel = timers.after(everyMs, look);
  };
  notifier.ready(describeReadiness(readinessOf(gateway, wallClock())));
  cancel = timers.after(everyMs, look);
  return () => {
    cancel();
  };
}

function probe(gateway: WatchdogOptions['gateway']): void {
  try {
    gateway.probe();
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
  }
}
