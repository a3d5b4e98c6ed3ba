/** Intel HEX (Intel Hexadecimal Object File Format Specification, rev. A): memory as lines of text. */
import { ImageError } from './errors.js';

const RECORD = { data: 0, end: 1, segment: 2, segmentStart: 3, linear: 4, linearStart: 5 } as const;
const LINE_BYTES = 16;
/** More than any microcontroller has: a file can name far-apart addresses in a few lines. */
const MAX_SPAN = 64 * 1024 * 1024;

export interface Memory {
  /** Of the first byte. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** @param erased what is between the pieces @throws ImageError `image/hex` naming the line */
export function parseHex(text: string, erased = 0xff): Memory {
  const pieces: Memory[] = [];
  let base = 0;
  let ended = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const fail = (message: string): never => {
      throw new ImageError('image/hex', `line ${index + 1}: ${message}`);
    };
    if (ended) fail('there is more behind the end record');
    if (!/^:(?:[\da-f]{2}){5,}$/i.test(line)) fail('no record of Intel HEX');
    const record = Buffer.from(line.slice(1), 'hex');
    if (record.length !== (record[0] ?? 0) + 5) fail('a record of another length than it says');
    if (record.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) fail('a wrong checksum');
    const data = record.subarray(4, -1);
    const type = record[3];
    if (type === RECORD.data) pieces.push({ address: base + record.readUInt16BE(1), bytes: data });
    else if (type === RECORD.end) ended = true;
    else if ((type === RECORD.segment || type === RECORD.linear) && data.length === 2)
      base = data.readUInt16BE() * (type === RECORD.segment ? 16 : 65_536);
    else if (type !== RECORD.segmentStart && type !== RECORD.linearStart) fail('a record of an unknown type');
  }
  if (!ended) throw new ImageError('image/hex', 'the end record is missing: the file is cut off');
  return join(pieces, erased);
}

/** The same pieces as parsed, at addresses of 32 bits. */
export function formatHex({ address, bytes }: Memory): string {
  const lines: string[] = [];
  let upper = 0;
  for (let at = 0; at < bytes.length;) {
    const here = address + at;
    if (here >>> 16 !== upper) {
      upper = here >>> 16;
      lines.push(record(RECORD.linear, 0, Uint8Array.of(upper >> 8, upper & 0xff)));
    }
    const length = Math.min(LINE_BYTES, bytes.length - at, 0x1_0000 - (here & 0xffff));
    lines.push(record(RECORD.data, here & 0xffff, bytes.subarray(at, at + length)));
    at += length;
  }
  return `${[...lines, record(RECORD.end, 0, new Uint8Array())].join('\n')}\n`;
}

function record(type: number, address: number, data: Uint8Array): string {
  const body = [data.length, address >> 8, address & 0xff, type, ...data];
  const sum = body.reduce((total, byte) => total + byte, 0);
  return `:${Buffer.from([...body, -sum & 0xff])
    .toString('hex')
    .toUpperCase()}`;
}

function join(pieces: readonly Memory[], erased: number): Memory {
  const sorted = [...pieces].sort((a, b) => a.address - b.address);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) throw new ImageError('image/hex', 'there is nothing in it');
  const span = last.address + last.bytes.length - first.address;
  if (span > MAX_SPAN) throw new ImageError('image/hex', `it spans ${span} bytes: that is no firmware`);
  const bytes = new Uint8Array(span).fill(erased);
  let end = 0;
  for (const piece of sorted) {
    if (piece.address < end)
      throw new ImageError('image/hex', `two pieces for address 0x${piece.address.toString(16)}`);
    bytes.set(piece.bytes, piece.address - first.address);
    end = piece.address + piece.bytes.length;
  }
  return { address: first.address, bytes };
}
