/**
 * One direction of a UART: bytes come out at the other end when their last bit would have left the line, never
 * sooner. Due times are reckoned from when the line is free, so that late timers do not add up.
 */
import type { Timers } from '@timeband/protocol';

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;

/** Bytes a line holds at most that are not yet due: a sender that does not listen must not fill memory. */
const MAX_QUEUED_BYTES = 65_536;

/** Milliseconds that `bytes` take at `baud`; none at 0, which means unpaced. */
export function lineMs(bytes: number, baud: number): number {
  return baud === 0 ? 0 : (bytes * BITS_PER_BYTE * 1_000) / baud;
}

export class PacedLine {
  /** Bytes lost because too many were waiting. */
  dropped = 0;
  private readonly queue: { readonly due: number; readonly bytes: Uint8Array }[] = [];
  /** Bytes on the line that are not yet due. */
  queuedBytes = 0;
  private freeAt = -Infinity;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly baud: number,
    private readonly timers: Timers,
    private readonly deliver: (bytes: Uint8Array) => void,
  ) {}

  /** Puts bytes on the line; they are delivered together when the last of them has passed. */
  push(bytes: Uint8Array): void {
    if (this.baud === 0) {
      this.deliver(bytes);
      return;
    }
    if (this.queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
      this.dropped += bytes.length;
      return;
    }
    const due = Math.max(this.freeAt, this.timers.now()) + lineMs(bytes.length, this.baud);
    this.freeAt = due;
    this.queue.push({ due, bytes });
    this.queuedBytes += bytes.length;
    if (this.cancelTimer === undefined) this.arm(due);
  }

  /** Forgets what is on its way. */
  clear(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.queue.length = 0;
    this.queuedBytes = 0;
    this.freeAt = -Infinity;
  }

  private arm(due: number): void {
    this.cancelTimer = this.timers.after(due - this.timers.now(), () => {
      this.cancelTimer = undefined;
      this.deliverDue();
    });
  }

  private deliverDue(): void {
    const now = this.timers.now();
    let first = this.queue[0];
    while (first !== undefined && first.due <= now) {
      this.queue.shift();
      this.queuedBytes -= first.bytes.length;
      this.deliver(first.bytes);
      first = this.queue[0];
    }
    if (first !== undefined && this.cancelTimer === undefined) this.arm(first.due);
  }
}

/** The bytes in pieces that each end with a newline, as a UART driver hands them on. */
export function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}
