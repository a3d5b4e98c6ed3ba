/**
 * PUBLISH packets (MQTT 3.1.1 §3.3) gathered into one buffer: one write for a whole turn of the loop costs a
 * fraction of a write for each of them.
 */
import type { Lane } from './subscriptions.js';

export interface PublishFrame {
  readonly lane: Lane;
  readonly payload: Uint8Array;
  /** Packet identifier; read for QoS 1 only. */
  readonly id: number;
  /** Sent before, to this session. */
  readonly dup: boolean;
}

const PUBLISH = 0x30;
const DUP = 0x08;
const LENGTH_BYTES = 2; // of the topic's length and of the identifier

export class FrameBatch {
  private readonly frames: PublishFrame[] = [];
  /** Bytes on the wire so far, at most. */
  bytes = 0;

  get size(): number {
    return this.frames.length;
  }

  add(frame: PublishFrame): void {
    this.frames.push(frame);
    this.bytes += 1 + 4 + remainingLength(frame);
  }

  /** All of them in order, as they go on the wire. */
  toBuffer(): Buffer {
    const out = Buffer.allocUnsafe(this.bytes);
    let at = 0;
    for (const frame of this.frames) at = write(frame, out, at);
    return out.subarray(0, at);
  }
}

function remainingLength({ lane, payload }: PublishFrame): number {
  return LENGTH_BYTES + lane.topic.length + (lane.qos === 1 ? LENGTH_BYTES : 0) + payload.length;
}

/** @returns the offset after the frame */
function write(frame: PublishFrame, out: Buffer, at: number): number {
  const { lane, payload, id, dup } = frame;
  out[at++] = PUBLISH | (dup ? DUP : 0) | (lane.qos << 1);
  let length = remainingLength(frame);
  do {
    const digit = length & 0x7f;
    length >>>= 7;
    out[at++] = length > 0 ? digit | 0x80 : digit;
  } while (length > 0);
  at = out.writeUInt16BE(lane.topic.length, at);
  out.set(lane.topic, at);
  at += lane.topic.length;
  if (lane.qos === 1) at = out.writeUInt16BE(id, at);
  out.set(payload, at);
  return at + payload.length;
}
