/**
 * What an RDM6300 (and an ID-12LA, which puts CR LF before the end) says of an EM4100 tag, at 9600 baud, again and again
 * while the tag is held there.
 *
 * ```
 *  02  ten hexadecimal digits  two of their checksum  [0d 0a]  03
 * ```
 *
 * The checksum is the exclusive or of the five bytes.
 */
import { fromHex, toHex } from '../bytes.js';
import { TagReaderError } from '../errors.js';
import type { TagHandlers } from './handlers.js';
import { checkTagNumber, EM4100_BYTES } from './number.js';

const STX = 0x02;
const ETX = 0x03;
const CR = 0x0d;
const LF = 0x0a;
const DIGITS = 2 * (EM4100_BYTES + 1);

/** The frame for a tag. @throws RangeError for a number that is no EM4100's */
export function encodeRdm6300(uid: Uint8Array): Uint8Array {
  if (uid.length !== EM4100_BYTES) throw new RangeError('an EM4100 has five bytes');
  const text = toHex(Uint8Array.of(...uid, xorOf(uid))).toUpperCase();
  return Uint8Array.of(STX, ...new TextEncoder().encode(text), ETX);
}

/** Takes bytes as they come; never holds more than the digits of one frame. */
export class Rdm6300Decoder {
  /** Bytes that belonged to no frame. */
  discarded = 0;
  private digits = '';
  private isInFrame = false;

  constructor(private readonly handlers: TagHandlers) {}

  push(chunk: Uint8Array): void {
    for (const byte of chunk) this.take(byte);
  }

  private take(byte: number): void {
    if (byte === STX) {
      if (this.isInFrame) this.drop('tag/frame', 'a frame that another one interrupts');
      this.isInFrame = true;
    } else if (!this.isInFrame) this.discarded++;
    else if (byte === ETX) this.end();
    else if (isHexDigit(byte)) {
      if (this.digits.length === DIGITS) this.drop('tag/overlong', 'more digits than a frame has', 1);
      else this.digits += String.fromCharCode(byte);
    } else if (!((byte === CR || byte === LF) && this.digits.length === DIGITS)) {
      this.drop('tag/frame', 'a character that is no hexadecimal digit', 1);
    }
  }

  private end(): void {
    const { digits } = this;
    if (digits.length < DIGITS) {
      this.drop('tag/frame', `${digits.length} digits where a frame has ${DIGITS}`, 1);
      return;
    }
    const bytes = fromHex(digits.toLowerCase());
    const uid = bytes.subarray(0, EM4100_BYTES);
    if (xorOf(uid) !== bytes[EM4100_BYTES]) {
      this.drop('tag/checksum', 'digits that do not fit their checksum', 1);
      return;
    }
    this.clear();
    try {
      this.handlers.tag(checkTagNumber(uid));
    } catch (error) {
      if (!(error instanceof TagReaderError)) throw error;
      this.handlers.fault(error);
    }
  }

  private drop(code: TagReaderError['code'], message: string, more = 0): void {
    this.discarded += 1 + this.digits.length + more;
    this.clear();
    this.handlers.fault(new TagReaderError(code, message));
  }

  private clear(): void {
    this.digits = '';
    this.isInFrame = false;
  }
}

function xorOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
