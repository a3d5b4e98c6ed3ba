/** A serial port as a link: SMP packets in the UART framing. */
import type { SerialPort } from 'serialport';
import { LinkError } from '../errors.js';
import type { Link, LinkHandlers, RawLine } from '../link.js';
import { Deframer, encodeFrame } from '../smp/index.js';
import { openPort, type SerialLinkOptions } from './open-port.js';

class SerialLink implements Link {
  private deframer: Deframer | undefined;
  private isClosed = false;

  readonly line: RawLine = {
    write: (bytes) => {
      this.write(bytes);
    },
    watch: (seen) => {
      this.port.on('data', seen);
    },
  };

  constructor(
    private readonly port: SerialPort,
    readonly name: string,
  ) {}

  /** Bytes that belonged to no frame. */
  get discarded(): number {
    return this.deframer?.discarded ?? 0;
  }

  start(handlers: LinkHandlers): void {
    const deframer = new Deframer({ packet: handlers.packet, fault: handlers.fault });
    this.deframer = deframer;
    this.port.on('data', (chunk: Uint8Array) => {
      if (!this.isClosed) deframer.push(chunk);
    });
    this.port.once('close', (reason: Error | null) => {
      this.isClosed = true;
      handlers.closed(reason ?? undefined);
    });
    this.port.on('error', (error: Error) => {
      handlers.fault(new LinkError('link/closed', `${this.name}: ${error.message}`));
    });
  }

  send(packet: Uint8Array): void {
    this.write(encodeFrame(packet));
  }

  async close(): Promise<void> {
    if (this.isClosed || !this.port.isOpen) return;
    await new Promise<void>((resolve) => {
      this.port.close(() => {
        resolve();
      });
    });
  }

  private write(bytes: Uint8Array): void {
    if (this.isClosed || !this.port.isOpen) throw new LinkError('link/closed', `${this.name} is closed`);
    this.port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }
}

export type { SerialLink };

/** Opens a port by its path. @throws LinkError `link/open` saying what to look at */
export async function openSerialLink(options: SerialLinkOptions): Promise<SerialLink> {
  return new SerialLink(await openPort(options), options.path);
}
