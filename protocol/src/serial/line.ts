/** A serial port as bare bytes, for what speaks no SMP: commodity readers of tags. */
import type { SerialPort } from 'serialport';
import { LinkError } from '../errors.js';
import { openPort, type SerialLinkOptions } from './open-port.js';

export interface SerialLineHandlers {
  /** Bytes as they come, in pieces of any length. */
  readonly bytes: (chunk: Uint8Array) => void;
  /** Once, with the reason when it was not asked for. */
  readonly closed: (reason?: Error) => void;
}

export class SerialLine {
  private isClosed = false;

  constructor(
    private readonly port: SerialPort,
    readonly name: string,
  ) {}

  /** Nothing is delivered before, and nothing after it was closed. */
  start(handlers: SerialLineHandlers): void {
    this.port.on('data', (chunk: Uint8Array) => {
      if (!this.isClosed) handlers.bytes(chunk);
    });
    this.port.once('close', (reason: Error | null) => {
      this.isClosed = true;
      handlers.closed(reason ?? undefined);
    });
    // What is serious closes the port as well, with its reason.
    this.port.on('error', () => undefined);
    if (!this.port.isOpen) {
      this.isClosed = true;
      handlers.closed(new LinkError('link/closed', `${this.name} was closed at once`));
    }
  }

  /** Never blocks. Does nothing once the port is closed. */
  write(bytes: Uint8Array): void {
    if (this.isClosed || !this.port.isOpen) return;
    this.port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /** Idempotent; resolves when the port is released. */
  async close(): Promise<void> {
    if (this.isClosed || !this.port.isOpen) return;
    await new Promise<void>((resolve) => {
      this.port.close(() => {
        resolve();
      });
    });
  }
}

/** Opens a port by its path. @throws LinkError `link/open` saying what to look at */
export async function openSerialLine(options: SerialLinkOptions): Promise<SerialLine> {
  return new SerialLine(await openPort(options), options.path);
}
