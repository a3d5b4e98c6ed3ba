/** What became of everything that went wrong on one link: a counter, a log line, and where it is evidence, quarantine. */
import { TimebandError, type Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { asStoreFault, StoreFault } from '../store/index.js';

/** Counts by name and label; the gateway shows them in its health. */
export interface Counters {
  count(name: string, label?: string): void;
}

/** A hostile line can fail thousands of times a second; one log line a code in this time is enough. */
const LOG_EVERY_MS = 10_000;

export class FaultReporter {
  private readonly lastLogged = new Map<string, { at: number; suppressed: number }>();

  constructor(
    private readonly link: string,
    private readonly counters: Counters,
    private readonly log: Logger,
    private readonly timers: Timers,
  ) {}

  /** Counts every error and logs the first of a kind in a while, with how many like it were not logged. */
  report(failure: Error, device?: string): void {
    const error = asStoreFault(failure) as Error;
    const isNamed = error instanceof TimebandError || error instanceof StoreFault;
    const code = isNamed ? error.code : 'internal/unexpected';
    this.counters.count(code, this.link);
    const now = this.timers.now();
    const last = this.lastLogged.get(code);
    if (last !== undefined && now - last.at < LOG_EVERY_MS) {
      last.suppressed++;
      return;
    }
    this.lastLogged.set(code, { at: now, suppressed: 0 });
    const detail = error instanceof TimebandError ? error.detail : isNamed ? {} : { stack: error.stack };
    const suppressed = last?.suppressed === undefined || last.suppressed === 0 ? undefined : last.suppressed;
    this.log.warn({ code, link: this.link, device, ...detail, suppressed }, error.message);
  }
}
