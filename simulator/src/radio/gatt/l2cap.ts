/** L2CAP's basic frames over LE (Core, Vol 3, Part A, 3.1): length and channel before a payload, cut into fragments. */
import { concat } from '@timeband/protocol';
import type { Fragment } from '../link-layer/ends.js';

/** Fixed channels. */
export const CID = { att: 0x0004, signalling: 0x0005, securityManager: 0x0006 } as const;

const HEADER_BYTES = 4;

export function frame(cid: number, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, payload.length, true);
  view.setUint16(2, cid, true);
  out.set(payload, HEADER_BYTES);
  return out;
}

/** Puts frames together again. A frame that is longer than a band takes, or than it says, is dropped. */
export class Reassembler {
  private held: Uint8Array | undefined;

  constructor(
    private readonly maxPayload: number,
    private readonly deliver: (cid: number, payload: Uint8Array) => void,
  ) {}

  push({ isStart, bytes }: Fragment): void {
    if (!isStart && this.held === undefined) return;
    const held = isStart || this.held === undefined ? bytes : concat(this.held, bytes);
    this.held = held;
    if (held.length < HEADER_BYTES) return;
    const view = new DataView(held.buffer, held.byteOffset);
    const length = view.getUint16(0, true);
    if (length > this.maxPayload || held.length > HEADER_BYTES + length) this.held = undefined;
    else if (held.length === HEADER_BYTES + length) {
      this.held = undefined;
      this.deliver(view.getUint16(2, true), held.subarray(HEADER_BYTES));
    }
  }
}
