/** All commodity readers of a gateway: each on a port that is found, opened and opened again like any other reader's. */
import { openSerialLine, type SerialLine } from '@timeband/protocol/serial';
import { linkOf, type TagReaderConfig } from '../config/index.js';
import { type LinkReport, LinkSupervisor } from '../link/index.js';
import { entriesOf, type EntriesOptions } from './entry.js';
import { TagSession } from './session.js';
import { Taps, type TapsOptions } from './taps.js';

export interface TagReadersOptions extends Omit<TapsOptions, 'config' | 'name' | 'entryOf'>, EntriesOptions {
  readonly readers: readonly TagReaderConfig[];
}

/** How a reader is doing, for `status`. */
export interface TagReaderReport extends Pick<TagReaderConfig, 'kind' | 'service' | 'direction' | 'meal'> {
  /** Its path, or its USB identity. */
  readonly name: string;
  readonly connected: boolean;
  readonly state: string;
  /** What it says it is, where it says so. */
  readonly device: string | undefined;
  readonly problem: string | undefined;
  /** Unix seconds. */
  readonly lastTap: number | undefined;
  readonly logged: number;
  /** Of these, what came to nothing: a second check-in, or no meal to give out. */
  readonly refused: number;
  readonly repeated: number;
  readonly lost: number;
  readonly faults: number;
}

interface Reader {
  readonly config: TagReaderConfig;
  readonly name: string;
  readonly taps: Taps;
  readonly supervisor: LinkSupervisor<SerialLine>;
}

export class TagReaders {
  private readonly readers: readonly Reader[];

  constructor(options: TagReadersOptions) {
    const { readers, timers, log } = options;
    this.readers = readers.map((config) => {
      const name = nameOf(config);
      const taps = new Taps({ ...options, config, name, entryOf: entriesOf(config, options) });
      const supervisor = new LinkSupervisor<SerialLine>({
        ...{ links: [linkOf(config)], timers, log },
        open: (port) => openSerialLine(port),
        session: (line) => new TagSession(line, config, taps, timers),
      });
      return { config, name, taps, supervisor };
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.readers.map(({ supervisor }) => supervisor.start()));
  }

  /** Resolves when the ports are released and what was seen is on disk. */
  async close(): Promise<void> {
    await Promise.all(
      this.readers.map(async ({ supervisor, taps }) => {
        await supervisor.close();
        await taps.settled();
      }),
    );
  }

  report(): TagReaderReport[] {
    return this.readers.map(({ config: { kind, service, direction, meal }, name, taps, supervisor }) => {
      const [port] = supervisor.report();
      return {
        ...{ name, kind, service, direction, meal, ...stateOf(port) },
        ...{ lastTap: taps.lastTap, ...taps.counts },
      };
    });
  }
}

function stateOf(
  port: LinkReport | undefined,
): Pick<TagReaderReport, 'connected' | 'state' | 'device' | 'problem'> {
  const { connected = false, session, problem } = port ?? {};
  const state = session?.state ?? (port === undefined ? 'not plugged in' : 'closed');
  return { connected, state, device: session?.device, problem };
}

/** What people call it: the path or the USB identity of the settings. */
export function nameOf(reader: TagReaderConfig): string {
  return 'usb' in reader ? `usb:${reader.usb.vendorId}:${reader.usb.productId}` : reader.path;
}

/** What a tap there is, in words. */
export function purposeOf({
  service,
  direction,
  meal,
}: Pick<TagReaderConfig, 'service' | 'direction' | 'meal'>): string {
  return meal === undefined ? `${direction} for service ${String(service)}` : `fetches ${meal}`;
}
