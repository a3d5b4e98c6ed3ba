/**
 * One connection's inbound data (Core, Vol 3, Part A): fragments become whole frames here, bounded, and only sound ones
 * of the attribute protocol reach noble, which would crash on short ones and grow without end on long ones.
 */
import { concat } from '@timeband/protocol';
import { AttGuard, type Verdict } from './att-guard.js';
import { BOUNDARY, CID, readU16 } from './codes.js';

/** Largest ATT_MTU that is asked for; no frame that is taken is longer. */
export const ATT_MTU = 247;

const FRAME_HEADER_BYTES = 4;

/** What becomes of a fragment; `wait` for the rest of its frame. */
export type FragmentVerdict = Verdict | { readonly do: 'wait' };

export class LinkGuard {
  readonly att = new AttGuard();
  private held: Uint8Array | undefined;

  /** Whether a frame has begun and not ended. */
  get isUnfinished(): boolean {
    return this.held !== undefined;
  }

  /** @param boundary packet boundary flag of the ACL packet that carried it */
  received(boundary: number, fragment: Uint8Array): FragmentVerdict {
    if (boundary === BOUNDARY.controllerStart) {
      if (this.held !== undefined) return { do: 'disconnect', because: 'frame-unfinished' };
      if (fragment.length < FRAME_HEADER_BYTES) return { do: 'disconnect', because: 'frame-short' };
      this.held = fragment;
    } else if (boundary !== BOUNDARY.continuing || this.held === undefined) {
      return { do: 'disconnect', because: 'frame-without-start' };
    } else {
      this.held = concat(this.held, fragment);
    }
    const length = readU16(this.held, 0);
    if (length > ATT_MTU || this.held.length > FRAME_HEADER_BYTES + length)
      return { do: 'disconnect', because: 'frame-overlong' };
    if (this.held.length < FRAME_HEADER_BYTES + length) return { do: 'wait' };
    const frame = this.held;
    this.held = undefined;
    return this.whole(readU16(frame, 2), frame.subarray(FRAME_HEADER_BYTES));
  }

  private whole(cid: number, payload: Uint8Array): Verdict {
    if (cid === CID.att) return this.att.received(payload);
    // Bands do not pair, and a connection's parameters are ours to choose.
    if (cid === CID.signalling) return { do: 'drop', because: 'signalling' };
    if (cid === CID.securityManager) return { do: 'drop', because: 'pairing' };
    return { do: 'drop', because: 'channel-unknown' };
  }
}
