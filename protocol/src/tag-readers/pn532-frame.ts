/**
 * Frames of a PN532 on its serial line (NXP UM0701-02 §6.2.1).
 *
 * ```
 *  00  00 ff  LEN LCS  TFI PD0 … PDn  DCS  00      LEN + LCS = 0, TFI + PD0 + … + DCS = 0 (mod 256)
 *  00  00 ff  ff ff  LENM LENL LCS  TFI …  DCS  00
 *  00  00 ff  00 ff  00                            ACK; NACK has ff 00
 * ```
 */
import { concat } from '../bytes.js';
import { TagReaderError } from '../errors.js';

/** Who speaks, the first byte in a frame, and the commands that are used (UM0701-02 §7). */
export const PN532 = {
  fromHost: 0xd4,
  fromReader: 0xd5,
  getFirmwareVersion: 0x02,
  samConfiguration: 0x14,
  rfConfiguration: 0x32,
  inListPassiveTarget: 0x4a,
  ack: Uint8Array.of(0x00, 0x00, 0xff, 0x00, 0xff, 0x00),
  nack: Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00, 0x00),
  /** "What you said makes no sense" (§6.2.1.5). */
  error: Uint8Array.of(0x00, 0x00, 0xff, 0x01, 0xff, 0x7f, 0x81, 0x00),
  /** 0x55 wakes it; the rest gives it the time that it needs (§7.2.11). */
  wakeUp: Uint8Array.of(0x55, 0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
} as const;

/** TFI and 264 bytes of an extended frame. */
const MAX_DATA_BYTES = 265;
const ERROR_TFI = 0x7f;

export type Pn532Frame =
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack' }
  | { readonly kind: 'error' }
  /** TFI first. */
  | { readonly kind: 'data'; readonly data: Uint8Array };

/** A normal frame of 1 to 255 bytes, TFI first. @throws RangeError */
export function encodePn532Frame(data: Uint8Array): Uint8Array {
  if (data.length < 1 || data.length > 0xff) throw new RangeError('a normal frame has 1 to 255 bytes');
  return Uint8Array.of(0, 0, 0xff, data.length, -data.length, ...data, -sumOf(data), 0);
}

export interface Pn532FrameHandlers {
  readonly frame: (frame: Pn532Frame) => void;
  readonly fault: (error: TagReaderError) => void;
}

/** What is at the beginning of some bytes. */
type Found =
  | { readonly take: number; readonly frame: Pn532Frame }
  | { readonly take: number; readonly fault: TagReaderError }
  | { readonly take: number }
  /** Not to be told before there is more. */
  | undefined;

/** Takes bytes as they come; never holds more than one frame. */
export class Pn532Deframer {
  /** Bytes that belonged to no frame; the zeros around frames do not count. */
  discarded = 0;
  private rest = new Uint8Array(0);

  constructor(private readonly handlers: Pn532FrameHandlers) {}

  push(chunk: Uint8Array): void {
    const bytes = concat(this.rest, chunk);
    let at = 0;
    for (;;) {
      const found = look(bytes.subarray(at));
      if (found === undefined) break;
      const taken = bytes.subarray(at, at + found.take);
      at += found.take;
      if ('frame' in found) this.handlers.frame(found.frame);
      else {
        this.discarded += taken.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0);
        if ('fault' in found) this.handlers.fault(found.fault);
      }
    }
    this.rest = bytes.slice(at);
  }

  /** Forgets half a frame: what comes next belongs to another one. */
  reset(): void {
    this.discarded += this.rest.length;
    this.rest = new Uint8Array(0);
  }
}

function look(bytes: Uint8Array): Found {
  if (bytes.length === 0) return undefined;
  const start = startIn(bytes);
  if (start > 0) return { take: start };
  const [, , length, check] = bytes;
  if (length === undefined || check === undefined) return undefined;
  if (length === 0x00 && check === 0xff) return { take: 4, frame: { kind: 'ack' } };
  if (length === 0xff && check === 0x00) return { take: 4, frame: { kind: 'nack' } };
  if (length === 0xff && check === 0xff) return lookExtended(bytes);
  if (((length + check) & 0xff) !== 0) return bad('a length that does not fit its checksum');
  return lookData(bytes, 4, length);
}

function lookExtended(bytes: Uint8Array): Found {
  const [, , , , high, low, check] = bytes;
  if (high === undefined || low === undefined || check === undefined) return undefined;
  const length = high * 256 + low;
  if (((high + low + check) & 0xff) !== 0) return bad('a length that does not fit its checksum');
  if (length > MAX_DATA_BYTES) {
    return { take: 2, fault: new TagReaderError('tag/overlong', `a frame of ${length} bytes`) };
  }
  return lookData(bytes, 7, length);
}

function lookData(bytes: Uint8Array, from: number, length: number): Found {
  if (length === 0) return { take: 2, fault: new TagReaderError('tag/frame', 'a frame with nothing in it') };
  const end = from + length;
  const check = bytes[end];
  if (check === undefined) return undefined;
  const data = bytes.slice(from, end);
  if (((sumOf(data) + check) & 0xff) !== 0) return bad('bytes that do not fit their checksum');
  const frame: Pn532Frame =
    data.length === 1 && data[0] === ERROR_TFI ? { kind: 'error' } : { kind: 'data', data };
  return { take: end + 1, frame };
}

/** Goes on behind the start code: where a byte was lost a good frame may begin within this one. */
function bad(message: string): Found {
  return { take: 2, fault: new TagReaderError('tag/checksum', message) };
}

/** Where a start code `00 ff` begins, or may begin once there is more. */
function startIn(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0 && (at + 1 === bytes.length || bytes[at + 1] === 0xff)) return at;
  }
  return bytes.length;
}

function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte, 0);
}
