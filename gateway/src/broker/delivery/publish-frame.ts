/**
 * PUBLISH and PUBREL packets (MQTT 3.1.1 §3.3, §3.6) gathered into one buffer: one write for a whole turn of the loop
 * costs a fraction of a write for each of them.
 */
import type { Qos } from '../subscriptions.js';

export interface PublishFrame {
  /** As UTF-8. */
  readonly topic: Uint8Array;
  readonly qos: Qos;
  readonly payload: Uint8Array;
  /** Packet identifier; not read for QoS 0. */
  readonly id: number;
  /** Sent before, to this session. */
  readonly dup: boolean;
  readonly retain: boolean;
}

const PUBLISH = 0x30;
const DUP = 0x08;
const RETAIN = 0x01;
/** With the flags it must have. */
const PUBREL = 0x62;
const LENGTH_BYTES = 2; // of the topic's length and of the identifier
/** Bytes of one write. */
const FULL_BYTES = 64 * 1024;

export class FrameBatch {
  /** A number is the identifier of a PUBREL. */
  private readonly frames: (PublishFrame | number)[] = [];
  /** Bytes on the wire so far, at most. */
  private bytes = 0;
  /** How many PUBLISH there are. */
  messages = 0;

  get size(): number {
    return this.frames.length;
  }

  get isFull(): boolean {
    return this.bytes >= FULL_BYTES;
  }

  add(frame: PublishFrame): void {
    this.frames.push(frame);
    this.bytes += 1 + 4 + remainingLength(frame);
    this.messages++;
  }

  addRelease(id: number): void {
    this.frames.push(id);
    this.bytes += 4;
  }

  /** All of them in order, as they go on the wire. */
  toBuffer(): Buffer {
    const out = Buffer.allocUnsafe(this.bytes);
    let at = 0;
    for (const frame of this.frames) {
      at = typeof frame === 'number' ? writeRelease(frame, out, at) : write(frame, out, at);
    }
    return out.subarray(0, at);
  }
}

function remainingLength({ topic, qos, payload }: PublishFrame): number {
  return LENGTH_BYTES + topic.length + (qos > 0 ? LENGTH_BYTES : 0) + payload.length;
}

/** @returns the offset after the frame */
function write(frame: PublishFrame, out: Buffer, at: number): number {
  const { topic, qos, payload, id, dup, retain } = frame;
  out[at++] = PUBLISH | (dup ? DUP : 0) | (qos << 1) | (retain ? RETAIN : 0);
  let length = remainingLength(frame);
  do {
    const digit = length & 0x7f;
    length >>>= 7;
    out[at++] = length > 0 ? digit | 0x80 : digit;
  } while (length > 0);
  at = out.writeUInt16BE(topic.length, at);
  out.set(topic, at);
  at += topic.length;
  if (qos > 0) at = out.writeUInt16BE(id, at);
  out.set(payload, at);
  return at + payload.length;
}

function writeRelease(id: number, out: Buffer, at: number): number {
  out[at] = PUBREL;
  out[at + 1] = LENGTH_BYTES;
  return out.writeUInt16BE(id, at + 2);
}
