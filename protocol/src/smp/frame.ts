/**
 * SMP over a serial line (Zephyr, SMP transport: UART): a packet is base64 of `length16 ‖ packet ‖ CRC-16`,
 * in lines of at most 127 bytes, the first starting 06 09, the others 04 14, each line decoded by itself.
 *
 * ```
 *  06 09  base64(length16 ‖ packet …)  0a
 *  04 14  base64(… packet ‖ crc16)     0a
 * ```
 */
import { FrameError } from '../errors.js';

/** Longest line, marker and newline included. */
export const MAX_LINE_BYTES = 127;
/** Raw bytes in a full line: 124 base64 characters. */
const CHUNK_BYTES = 93;
const START = [0x06, 0x09] as const;
const CONTINUE = [0x04, 0x14] as const;
const NEWLINE = 0x0a;
const PAD = 0x3d;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** CRC-16/XMODEM: polynomial 0x1021, initial value 0. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0);
  return crc;
}

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const SEXTET = new Uint8Array(256).fill(0xff);
ALPHABET.forEach((char, value) => (SEXTET[char] = value));

/** Bytes that `length` bytes of packet take on the line. */
export function framedLength(length: number): number {
  const raw = length + 4;
  const full = Math.floor(raw / CHUNK_BYTES);
  const rest = raw % CHUNK_BYTES;
  return full * MAX_LINE_BYTES + (rest > 0 ? 3 + 4 * Math.ceil(rest / 3) : 0);
}

/** The lines that carry one packet. */
export function encodeFrame(packet: Uint8Array): Uint8Array {
  const raw = new Uint8Array(packet.length + 4);
  const length = packet.length + 2;
  const crc = crc16(packet);
  raw[0] = length >> 8;
  raw[1] = length;
  raw.set(packet, 2);
  raw[packet.length + 2] = crc >> 8;
  raw[packet.length + 3] = crc;

  const out = new Uint8Array(framedLength(packet.length));
  let at = 0;
  for (let from = 0; from < raw.length; from += CHUNK_BYTES) {
    const marker = from === 0 ? START : CONTINUE;
    out[at++] = marker[0];
    out[at++] = marker[1];
    at = writeBase64(raw, from, Math.min(from + CHUNK_BYTES, raw.length), out, at);
    out[at++] = NEWLINE;
  }
  return out;
}

function writeBase64(raw: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  const char = (sextet: number): number => ALPHABET[sextet & 0x3f] ?? PAD;
  for (let i = from; i < to; i += 3) {
    const left = to - i;
    const word =
      ((raw[i] ?? 0) << 16) | (left > 1 ? (raw[i + 1] ?? 0) << 8 : 0) | (left > 2 ? (raw[i + 2] ?? 0) : 0);
    out[at++] = char(word >> 18);
    out[at++] = char(word >> 12);
    out[at++] = left > 1 ? char(word >> 6) : PAD;
    out[at++] = left > 2 ? char(word) : PAD;
  }
  return at;
}

export interface DeframerHandlers {
  readonly packet: (packet: Uint8Array) => void;
  readonly fault: (error: FrameError) => void;
}

/** Where the deframer stands between two bytes. */
type State = 'hunting' | 'marker-start' | 'marker-continue' | 'body';

/**
 * Turns a line's bytes into packets, in whatever pieces they come. It holds one packet at most, finds the next
 * marker after any damage, and counts bytes that belong to no frame (a device's console shares its line).
 */
export class Deframer {
  /** Bytes since the start that became part of no packet. */
  discarded = 0;

  private state: State = 'hunting';
  private readonly buffer: Uint8Array;
  /** Bytes of the packet decoded so far, length field and CRC included; 0 while none has begun. */
  private filled = 0;
  /** Bytes on the line that the packet has taken so far: discarded with it if it fails. */
  private taken = 0;
  private lineChars = 0;
  private sextets = 0;
  private word = 0;
  private padding = 0;

  constructor(
    private readonly handlers: DeframerHandlers,
    private readonly maxPacket = 4_096,
  ) {
    this.buffer = new Uint8Array(maxPacket + 4 + CHUNK_BYTES);
  }

  push(chunk: Uint8Array): void {
    for (const byte of chunk) this.byte(byte);
  }

  private byte(byte: number): void {
    if (this.state === 'body') {
      if (byte !== NEWLINE && byte !== PAD && SEXTET[byte] === 0xff) {
        if (byte === START[0] || byte === CONTINUE[0]) {
          this.fail('frame/truncated', 'another line begins before this one has ended');
        } else {
          this.fail('frame/base64', 'a character that is not base64', { byte });
        }
        this.hunt(byte);
        return;
      }
      this.taken++;
      if (byte === NEWLINE) this.endOfLine();
      else this.character(byte);
      return;
    }
    if (this.state === 'marker-start' && byte === START[1]) {
      if (this.taken > 0) this.fail('frame/truncated', 'a new packet begins before the last one was whole');
      this.beginLine();
      return;
    }
    if (this.state === 'marker-continue' && byte === CONTINUE[1]) {
      if (this.taken === 0) {
        this.discarded += CONTINUE.length;
        this.fail('frame/orphan', 'a continuation without a beginning');
        return;
      }
      this.beginLine();
      return;
    }
    if (this.state !== 'hunting') this.discarded++; // the marker's first byte was none
    this.hunt(byte);
  }

  private hunt(byte: number): void {
    if (byte === START[0]) this.state = 'marker-start';
    else if (byte === CONTINUE[0]) this.state = 'marker-continue';
    else {
      this.state = 'hunting';
      this.discarded++;
    }
  }

  private beginLine(): void {
    this.state = 'body';
    this.taken += START.length;
    this.lineChars = 0;
    this.sextets = 0;
    this.word = 0;
    this.padding = 0;
  }

  private character(byte: number): void {
    if (++this.lineChars > MAX_LINE_BYTES - 3) {
      this.fail('frame/overlong', `a line longer than ${MAX_LINE_BYTES} bytes`);
      return;
    }
    if (byte === PAD) this.padding++;
    else if (this.padding > 0) {
      this.fail('frame/base64', 'characters after the padding');
      return;
    }
    this.word = (this.word << 6) | (byte === PAD ? 0 : (SEXTET[byte] ?? 0));
    if (++this.sextets < 4) return;
    const bytes = 3 - this.padding;
    if (bytes < 1) {
      this.fail('frame/base64', 'more padding than base64 has');
      return;
    }
    for (let i = 0; i < bytes; i++) this.buffer[this.filled++] = this.word >> (16 - 8 * i);
    this.sextets = 0;
    this.word = 0;
  }

  private endOfLine(): void {
    if (this.sextets !== 0) {
      this.fail('frame/base64', 'a line that is not whole groups of four characters');
      return;
    }
    this.state = 'hunting';
    if (this.filled < 2) {
      this.fail('frame/length', 'a line too short for a length');
      return;
    }
    const length = ((this.buffer[0] ?? 0) << 8) | (this.buffer[1] ?? 0);
    if (length < 3 || length > this.maxPacket + 2) {
      this.fail('frame/length', `a packet of ${length - 2} bytes, at most ${this.maxPacket}`, { length });
      return;
    }
    if (this.filled < length + 2) return; // more lines follow
    if (this.filled > length + 2) {
      this.fail('frame/length', 'more bytes than the length says', { length, received: this.filled - 2 });
      return;
    }
    const packet = this.buffer.slice(2, length);
    const sent = ((this.buffer[length] ?? 0) << 8) | (this.buffer[length + 1] ?? 0);
    const computed = crc16(packet);
    if (sent !== computed) {
      this.fail('frame/crc', 'the CRC does not match', { sent, computed });
      return;
    }
    this.filled = 0;
    this.taken = 0;
    this.handlers.packet(packet);
  }

  private fail(code: FrameError['code'], message: string, detail: FrameError['detail'] = {}): void {
    this.discarded += this.taken;
    this.taken = 0;
    this.filled = 0;
    this.state = 'hunting';
    this.handlers.fault(new FrameError(code, message, detail));
  }
}
