/** A simulated reader on a pseudo-terminal, at the pace of its baud rate. */
import type { LineDevice } from './line-device.js';
import { PacedLine } from './pacing.js';
import { PtyPort } from './pty.js';

export const DEFAULT_BAUD = 115_200;

export interface SerialReaderOptions {
  /** Bits per second in each direction; 0 is unpaced. */
  readonly baud?: number;
  /** A symbolic link to keep pointing at the terminal's path. */
  readonly link?: string | undefined;
}

export class SerialReader {
  private readonly port: PtyPort;
  private readonly incoming: PacedLine;
  private readonly outgoing: PacedLine;

  /** Plugs the reader in. @throws Error of the system when no terminal or link can be made */
  constructor(
    private readonly device: LineDevice,
    { baud = DEFAULT_BAUD, link }: SerialReaderOptions = {},
  ) {
    this.incoming = new PacedLine(baud, device.timers, (bytes) => {
      device.receive(bytes);
    });
    this.outgoing = new PacedLine(baud, device.timers, (bytes) => {
      this.port.write(bytes);
    });
    this.port = new PtyPort({
      link,
      onData: (bytes) => {
        this.incoming.push(bytes);
      },
    });
    this.connect();
  }

  /** The terminal's path; undefined while unplugged. */
  get path(): string | undefined {
    return this.port.path;
  }

  /** Bytes lost because nobody read them. */
  get dropped(): number {
    return this.port.dropped + this.outgoing.dropped + this.incoming.dropped;
  }

  plug(): void {
    this.port.plug();
    this.connect();
  }

  unplug(): void {
    this.port.unplug();
    this.incoming.clear();
    this.outgoing.clear();
    this.device.disconnect();
  }

  private connect(): void {
    this.device.connect((bytes) => {
      this.outgoing.push(bytes);
    });
  }
}
