/** Heads of CBOR items (RFC 8949 §3), for putting together what is encoded already without encoding it again. */

const MAJOR = { bytes: 2, array: 4 } as const;

/** Writes the shortest head for `length` at `at`. @returns where it ends */
export function writeHead(out: Uint8Array, at: number, major: keyof typeof MAJOR, length: number): number {
  const type = MAJOR[major] << 5;
  if (length < 24) {
    out[at] = type | length;
    return at + 1;
  }
  if (length < 0x100) {
    out[at] = type | 24;
    out[at + 1] = length;
    return at + 2;
  }
  if (length < 0x1_0000) {
    out[at] = type | 25;
    out[at + 1] = length >> 8;
    out[at + 2] = length;
    return at + 3;
  }
  throw new RangeError(`${length} is more than any of our messages holds`);
}

/** Bytes of the head for `length`. */
export function headLength(length: number): number {
  return length < 24 ? 1 : length < 0x100 ? 2 : 3;
}

/** Bytes of a byte string of `length` with its head. */
export function bytesLength(length: number): number {
  return headLength(length) + length;
}

/** Writes a byte string with its head. @returns where it ends */
export function writeBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = writeHead(out, at, 'bytes', bytes.length);
  out.set(bytes, start);
  return start + bytes.length;
}
