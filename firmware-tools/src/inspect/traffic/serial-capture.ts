/** What went over a serial line, taken apart: frames, and the words of a console between them. */
import { decodePacket, Deframer, OP, TimebandError } from '@timeband/protocol';
import type { Direction, Exchange } from './exchange.js';

/** Words of a console that are shown together. */
const MAX_CONSOLE_BYTES = 120;
const NEWLINE = 0x0a;
const MARKERS = [
  [0x06, 0x09],
  [0x04, 0x14],
] as const;

/** Takes bytes in whatever pieces they come. */
export class SerialTraffic {
  private readonly deframer: Deframer;
  private line: number[] = [];
  private at: number | undefined;

  constructor(
    private readonly seen: (exchange: Exchange) => void,
    private readonly where?: string,
  ) {
    this.deframer = new Deframer({
      packet: (bytes) => {
        this.tell({ kind: 'packet', bytes, direction: directionOf(bytes) });
      },
      fault: ({ code, message }) => {
        this.tell({ kind: 'fault', code, message });
      },
    });
  }

  /** @param at Unix milliseconds */
  push(bytes: Uint8Array, at?: number): void {
    this.at = at;
    for (const byte of bytes) {
      this.deframer.push(Uint8Array.of(byte));
      this.line.push(byte);
      if (byte === NEWLINE || this.line.length >= MAX_CONSOLE_BYTES + 2) this.endLine();
    }
  }

  /** What is left of a console's last line. */
  end(): void {
    if (this.line.length > 0) this.endLine();
  }

  /** A line of a frame is the deframer's; any other is a console's, up to a marker in its middle. */
  private endLine(): void {
    const bytes = Uint8Array.from(this.line);
    this.line = [];
    const start = markerIn(bytes);
    const words = start < 0 ? bytes : bytes.subarray(0, start);
    if (words.some((byte) => byte > 0x20)) this.tell({ kind: 'console', bytes: words });
  }

  private tell(exchange: Exchange): void {
    const { at, where } = this;
    this.seen({ ...exchange, ...(at !== undefined && { at }), ...(where !== undefined && { where }) });
  }
}

/** A capture of the bytes of a line, both directions in one file or one of them. */
export function readSerialCapture(bytes: Uint8Array): Exchange[] {
  const seen: Exchange[] = [];
  const traffic = new SerialTraffic((exchange) => seen.push(exchange));
  traffic.push(bytes);
  traffic.end();
  return seen;
}

function markerIn(bytes: Uint8Array): number {
  return bytes.findIndex((byte, i) =>
    MARKERS.some(([first, second]) => byte === first && bytes[i + 1] === second),
  );
}

/** Requests go to devices, responses come from them. */
export function directionOf(packet: Uint8Array): Direction | undefined {
  try {
    const { op } = decodePacket(packet);
    return op === OP.read || op === OP.write ? 'to device' : 'from device';
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
