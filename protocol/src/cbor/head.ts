/** Heads of CBOR items (RFC 8949 §3), for putting together what is encoded already without encoding it again. */

/** Major types (RFC 8949 §3.1). */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;
export type Major = (typeof MAJOR)[keyof typeof MAJOR];

/** Simple values (RFC 8949 §3.3). */
export const SIMPLE = { false: 20, true: 21, null: 22 } as const;

/** Of an argument of 32 bits. */
export const MAX_HEAD_BYTES = 5;

/** Writes the shortest head for `argument`, at most 32 bits, at `at`. @returns where it ends */
export function writeHead(out: Uint8Array, at: number, major: Major, argument: number): number {
  const type = major << 5;
  if (argument < 24) {
    out[at] = type | argument;
    return at + 1;
  }
  if (argument < 0x100) {
    out[at] = type | 24;
    out[at + 1] = argument;
    return at + 2;
  }
  if (argument < 0x1_0000) {
    out[at] = type | 25;
    out[at + 1] = argument >> 8;
    out[at + 2] = argument;
    return at + 3;
  }
  out[at] = type | 26;
  out[at + 1] = argument >>> 24;
  out[at + 2] = argument >>> 16;
  out[at + 3] = argument >>> 8;
  out[at + 4] = argument;
  return at + MAX_HEAD_BYTES;
}

/** Bytes of the head for `length`. */
export function headLength(length: number): number {
  return length < 24 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : MAX_HEAD_BYTES;
}

/** Bytes of a byte string of `length` with its head. */
export function bytesLength(length: number): number {
  return headLength(length) + length;
}

/** Writes a byte string with its head. @returns where it ends */
export function writeBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = writeHead(out, at, MAJOR.bytes, bytes.length);
  out.set(bytes, start);
  return start + bytes.length;
}
