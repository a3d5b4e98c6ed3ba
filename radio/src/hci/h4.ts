/** H4 from a controller (Core, Vol 4, Part A): packets out of bytes. A receiver that has lost step cannot find it again. */
import { concat } from '@timeband/protocol';
import { PACKET, readU16 } from './codes.js';

/** Longest ACL payload that a controller may send: more is a sign of lost step. */
const MAX_ACL_BYTES = 1_024;

export interface H4Handlers {
  /** Type byte included. */
  readonly packet: (packet: Uint8Array) => void;
  /** Bytes were no packet. Nothing more comes from this parser. */
  readonly lostStep: () => void;
}

export class H4Parser {
  private held: Uint8Array = new Uint8Array();
  private isLost = false;

  constructor(private readonly handlers: H4Handlers) {}

  push(bytes: Uint8Array): void {
    if (this.isLost) return;
    // A copy, and of the plain class: slices of a Buffer would share the memory that is read into next.
    this.held = concat(this.held, bytes);
    for (;;) {
      const length = lengthOf(this.held);
      if (length === 'unsound') {
        this.isLost = true;
        this.held = new Uint8Array();
        this.handlers.lostStep();
        return;
      }
      if (length === undefined || this.held.length < length) break;
      const packet = this.held.slice(0, length);
      this.held = this.held.subarray(length);
      this.handlers.packet(packet);
    }
  }
}

function lengthOf(held: Uint8Array): number | 'unsound' | undefined {
  const [type, , third] = held;
  if (type === undefined) return undefined;
  if (type === PACKET.event) return third === undefined ? undefined : 3 + third;
  if (type !== PACKET.acl) return 'unsound';
  if (held.length < 5) return undefined;
  const payload = readU16(held, 3);
  return payload > MAX_ACL_BYTES ? 'unsound' : 5 + payload;
}
