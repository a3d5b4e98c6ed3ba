/** Settings that are read again while the gateway runs: all that may count at once does, or nothing does. */
import type { Logger } from 'pino';
import { changesBetween, type Config } from '../config/index.js';

export interface ReloadOptions {
  /** What runs. */
  readonly config: Config;
  /** @throws what is wrong with the settings, in words */
  readonly read: () => Config;
  /** Looks whether everything that the settings name is there. @throws what is missing, in words */
  readonly tryOut: (config: Config) => void;
  readonly adopt: (config: Config, before: Config) => Promise<void>;
  readonly log: Logger;
}

export class Reload {
  private running: Config;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReloadOptions) {
    this.running = options.config;
  }

  /** One at a time. Never rejects: what goes wrong is logged. */
  again(): Promise<void> {
    this.last = this.last.then(() => this.attempt());
    return this.last;
  }

  private async attempt(): Promise<void> {
    const { read, tryOut, adopt, log } = this.options;
    let isAdopting = false;
    try {
      const { config, changed, needRestart } = changesBetween(this.running, read());
      tryOut(config);
      isAdopting = true;
      const before = this.running;
      this.running = config;
      await adopt(config, before);
      log.info({ changed }, 'the settings were read again');
      if (needRestart.length > 0)
        log.warn({ settings: needRestart }, `needs a restart: ${needRestart.join(', ')}`);
    } catch (error) {
      const { message } = error as Error;
      const what = isAdopting
        ? 'not all of the new settings could be put to work: restart the gateway'
        : 'the settings were not read again, and nothing was changed';
      log.error({ reason: message }, `${what}: ${message}`);
    }
  }
}
