/** Base45 (RFC 9285): bytes in the alphabet of a QR code's alphanumeric segment, three characters for two bytes. */
import { ReceiptError } from '../errors.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const BASE = ALPHABET.length;

/** The digits of a number, the lowest first. */
function digitsOf(value: number, count: number): string {
  let out = '';
  for (let i = 0; i < count; i++) {
    out += ALPHABET[value % BASE] ?? '';
    value = Math.floor(value / BASE);
  }
  return out;
}

/** The number of those digits, or nothing where a character is none. */
function valueOf(digits: string): number | undefined {
  let value = 0;
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = ALPHABET.indexOf(digits.charAt(i));
    if (digit < 0) return undefined;
    value = value * BASE + digit;
  }
  return value;
}

export function toBase45(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const [high = 0, low] = bytes.subarray(i, i + 2);
    out += low === undefined ? digitsOf(high, 2) : digitsOf(high * 256 + low, 3);
  }
  return out;
}

/** @throws ReceiptError `receipt/shape` for text that no bytes encode to */
export function fromBase45(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 2) / 3));
  let at = 0;
  for (let start = 0; start < text.length; start += 3) {
    const length = Math.min(2, text.length - start - 1);
    const value = valueOf(text.slice(start, start + 3));
    if (length < 1 || value === undefined || value >= 256 ** length) {
      throw new ReceiptError('receipt/shape', `not base45 at character ${start + 1}`, { offset: start });
    }
    if (length === 2) out[at++] = value >> 8;
    out[at++] = value & 0xff;
  }
  return out;
}
