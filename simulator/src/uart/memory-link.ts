/** A link to a simulated reader without any port: the same frames, optionally at a line's pace. */
import {
  Deframer,
  encodeFrame,
  type Link,
  LinkError,
  type LinkHandlers,
  type RawLine,
} from '@timeband/protocol';
import type { LineDevice } from './line-device.js';
import { PacedLine } from './pacing.js';

export interface MemoryLinkOptions {
  /** Bits per second in each direction; 0, the default, is unpaced. */
  readonly baud?: number;
}

/** The gateway's end of a link. */
export interface MemoryLink extends Link {
  /** Pulls the cable: both ends notice. */
  readonly unplug: () => void;
}

/** Connects a reader; it keeps this link until it is closed or unplugged. */
export function memoryLink(device: LineDevice, { baud = 0 }: MemoryLinkOptions = {}): MemoryLink {
  return new Memory(device, baud);
}

class Memory implements MemoryLink {
  private handlers: LinkHandlers | undefined;
  private deframer: Deframer | undefined;
  private closed = false;
  private readonly watchers: ((bytes: Uint8Array) => void)[] = [];
  private readonly toReader: PacedLine;
  private readonly toGateway: PacedLine;

  constructor(
    private readonly device: LineDevice,
    baud: number,
  ) {
    this.toReader = new PacedLine(baud, device.timers, (bytes) => {
      this.device.receive(bytes);
    });
    this.toGateway = new PacedLine(baud, device.timers, (bytes) => {
      // Never within the call that asked: a link hands over from its own turn.
      queueMicrotask(() => {
        this.deframer?.push(bytes);
        if (!this.closed) for (const seen of this.watchers) seen(bytes);
      });
    });
    device.connect((bytes) => {
      this.toGateway.push(bytes);
    });
  }

  get name(): string {
    return `memory:${this.device.id}`;
  }

  readonly start = (handlers: LinkHandlers): void => {
    this.handlers = handlers;
    if (!this.closed) this.deframer = new Deframer({ packet: handlers.packet, fault: handlers.fault });
  };

  readonly send = (packet: Uint8Array): void => {
    this.line.write(encodeFrame(packet));
  };

  readonly line: RawLine = {
    write: (bytes) => {
      if (this.closed) throw new LinkError('link/closed', `${this.name} is closed`);
      this.toReader.push(bytes);
    },
    watch: (seen) => {
      this.watchers.push(seen);
    },
  };

  readonly close = (): Promise<void> => {
    this.end();
    return Promise.resolve();
  };

  readonly unplug = (): void => {
    this.end(new LinkError('link/closed', 'the cable was pulled'));
  };

  private end(reason?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.deframer = undefined;
    this.toReader.clear();
    this.toGateway.clear();
    this.device.disconnect();
    this.handlers?.closed(reason);
  }
}
