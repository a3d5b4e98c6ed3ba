/**
 * H4, the UART transport (Core, Vol 4, Part A): a type byte before every HCI packet, and no way to find the next one
 * when a byte was lost. A receiver that loses step says so once and then looks for nothing but a reset.
 */
import { concat } from '@timeband/protocol';

export const PACKET = { command: 0x01, acl: 0x02, event: 0x04 } as const;

/** The whole HCI_Reset command, type byte included. */
const RESET = Uint8Array.of(PACKET.command, 0x03, 0x0c, 0x00);

/** The rest of a packet comes within this, or what there was of it is given up: its sender was interrupted. */
const MAX_PAUSE_MS = 1_000;

export interface H4Handlers {
  /** Packets from a host without their type byte. */
  readonly command: (packet: Uint8Array) => void;
  readonly acl: (packet: Uint8Array) => void;
  /** Bytes were no packet; what follows is dropped up to a reset. */
  readonly lostStep: () => void;
}

export class H4Parser {
  private held: Uint8Array = new Uint8Array();
  private heldSince = 0;
  private isLost = false;

  constructor(
    private readonly handlers: H4Handlers,
    /** Longest payload of an ACL packet that is taken for one. */
    private readonly maxAclBytes: number,
    private readonly now: () => number,
  ) {}

  push(bytes: Uint8Array): void {
    if (this.held.length > 0 && this.now() - this.heldSince > MAX_PAUSE_MS) this.held = new Uint8Array();
    if (this.held.length === 0) this.heldSince = this.now();
    this.held = this.held.length === 0 ? bytes : concat(this.held, bytes);
    while (this.takeOne());
    this.held = this.held.slice(); // the caller's array is not ours to keep
  }

  /** Takes one packet off the front; false when it is not all there. */
  private takeOne(): boolean {
    if (this.isLost) return this.findReset();
    const length = this.lengthOfFirst();
    if (length === 'unsound') {
      this.isLost = true;
      this.handlers.lostStep();
      return true;
    }
    if (length === undefined || this.held.length < length) return false;
    const packet = this.held.slice(1, length);
    const isCommand = this.held[0] === PACKET.command;
    this.held = this.held.subarray(length);
    this.heldSince = this.now();
    if (isCommand) this.handlers.command(packet);
    else this.handlers.acl(packet);
    return true;
  }

  private lengthOfFirst(): number | 'unsound' | undefined {
    const [type, , , third, fourth] = this.held;
    if (type === undefined) return undefined;
    if (type === PACKET.command) return third === undefined ? undefined : 4 + third;
    if (type !== PACKET.acl) return 'unsound';
    if (third === undefined || fourth === undefined) return undefined;
    const payload = third + fourth * 256;
    return payload > this.maxAclBytes ? 'unsound' : 5 + payload;
  }

  private findReset(): boolean {
    const at = indexOf(this.held, RESET);
    this.isLost = at < 0;
    this.held = this.held.subarray(at < 0 ? Math.max(0, this.held.length - RESET.length + 1) : at);
    return at >= 0;
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
