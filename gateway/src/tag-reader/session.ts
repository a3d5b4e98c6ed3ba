/** One commodity reader on its open port, until the port closes or the reader falls silent. */
import type { Timers } from '@timeband/protocol';
import type { SerialLine } from '@timeband/protocol/serial';
import type { TagReaderConfig } from '../config/index.js';
import type { LinkSession, SessionReport } from '../link/index.js';
import { type Driver, openDriver } from './driver.js';
import type { Taps } from './taps.js';

export class TagSession implements LinkSession {
  state: SessionReport;
  private readonly driver: Driver;
  private fail: (error: Error) => void = () => undefined;

  constructor(
    private readonly line: Pick<SerialLine, 'start' | 'write' | 'close'>,
    config: TagReaderConfig,
    taps: Taps,
    timers: Timers,
  ) {
    this.driver = openDriver(config, {
      timers,
      write: (bytes) => {
        line.write(bytes);
      },
      tag: (uid) => {
        taps.seen(uid);
      },
      fault: (error) => {
        taps.fault(error);
      },
      ready: (device) => {
        this.state = { state: 'listening', device };
      },
      lost: (error) => {
        this.fail(error);
      },
    });
    // The others never speak before a tag is there.
    this.state = { state: config.kind === 'pn532' ? 'waking' : 'listening' };
  }

  get discarded(): number {
    return this.driver.discarded;
  }

  /** @throws TagReaderError `tag/silent` where the reader does not answer; the port is to be opened anew */
  async run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.fail = reject;
        this.line.start({
          bytes: (chunk) => {
            this.driver.push(chunk);
          },
          closed: () => {
            resolve();
          },
        });
        this.driver.start?.();
      });
    } finally {
      this.driver.stop?.();
      await this.line.close();
    }
  }

  async close(): Promise<void> {
    this.driver.stop?.();
    await this.line.close();
  }
}
