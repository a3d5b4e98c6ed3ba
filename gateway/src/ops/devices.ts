/** Every way on which devices are met: links, tag readers, and the radio. */
import { openSerialLink, type SerialLink } from '@timeband/protocol/serial';
import type { Kitchen } from '../kitchen/index.js';
import { linkOf } from '../config/index.js';
import { LinkSupervisor } from '../link/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { RadioService } from '../radio/index.js';
import { Session, type SyncContext } from '../sync/index.js';
import { TagReaders } from '../tag-reader/index.js';
import type { Foundation } from './foundation.js';
import { startRadio } from './radio.js';
import type { GatewayReport } from './report.js';

export interface DevicesParts {
  readonly base: Foundation;
  readonly context: SyncContext;
  readonly ownLog: OwnLog;
  readonly kitchen: Pick<Kitchen, 'dateOf' | 'preview'>;
  /** Hands on a call for help that was heard in the air, JSON. */
  readonly called: (call: string) => void;
}

export class Devices {
  private readonly supervisor: LinkSupervisor<SerialLink>;
  private readonly tagReaders: TagReaders;
  /** Is up from the beginning, and absent where the configuration has none. */
  private readonly radio: RadioService | undefined;

  /** @throws what keeps the radio from being opened */
  constructor({ base, context, ownLog, kitchen, called }: DevicesParts) {
    const { config, timers, wallClock, counters, radioBands, log } = base;
    const { links, tagReaders, radio, dataDir } = config;
    this.supervisor = new LinkSupervisor({
      links,
      except: radio !== undefined && 'path' in radio ? [radio.path] : [],
      exceptLinks: tagReaders.map(linkOf),
      timers,
      log: log.child({ name: 'link' }),
      open: (port) => openSerialLink(port),
      session: (link) => new Session(link, context),
    });
    this.tagReaders = new TagReaders({
      ...{ readers: tagReaders, ownLog, visits: context.visits, kitchen, timers, wallClock, counters },
      log: log.child({ name: 'tag-reader' }),
    });
    this.radio =
      radio &&
      startRadio({
        ...{ config: radio, bands: radioBands, dataDir, context, ownLog, hint: called },
        log: log.child({ name: 'radio' }),
      });
  }

  async start(): Promise<void> {
    await this.supervisor.start();
    await this.tagReaders.start();
  }

  report(): Pick<GatewayReport, 'links' | 'tagReaders' | 'radio'> {
    return {
      links: this.supervisor.report(),
      tagReaders: this.tagReaders.report(),
      radio: this.radio?.report(),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.supervisor.close(), this.tagReaders.close(), this.radio?.close()]);
  }
}
