/** SMP packets, and the lines that carry them on a serial port, as commented hexadecimal. */
import { toHex } from '../bytes.js';
import { HEADER_BYTES } from '../smp/index.js';
import { align, annotate, type Label } from './annotate.js';

const OPS = ['read', 'read response', 'write', 'write response'];

/** Commented lines of a packet: its header and its body. Takes any bytes that are at least a header long. */
export function annotatePacket(bytes: Uint8Array, body: Label = {}): string[] {
  const hex = (from: number, to: number): string => toHex(bytes.subarray(from, to));
  const at = (index: number): number => bytes[index] ?? 0;
  const header = `${hex(0, 1)} ${hex(1, 2)} ${hex(2, 4)} ${hex(4, 6)} ${hex(6, 7)} ${hex(7, 8)}`;
  const op = OPS[at(0) & 7] ?? 'no operation';
  const [length, group] = [at(2) * 256 + at(3), at(4) * 256 + at(5)];
  const comment = `${op}, ${length} bytes, group ${group}, sequence ${at(6)}, command ${at(7)}`;
  return [...align([{ hex: header, comment }]), ...annotate(bytes.subarray(HEADER_BYTES), body)];
}

/** Characters of base64 on one line of commented hexadecimal. */
const PIECE = 32;
const MARKERS: Readonly<Partial<Record<string, string>>> = { '0609': 'first line', '0414': 'further line' };

/** Commented lines of what stands on a serial port: marker, base64, newline. */
export function annotateFrame(bytes: Uint8Array): string[] {
  const lines: { hex: string; comment: string }[] = [];
  const text = new TextDecoder('latin1');
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const marker = toHex(bytes.subarray(start, start + 2));
    const comment = MARKERS[marker];
    if (comment !== undefined) lines.push({ hex: marker, comment });
    for (let at = comment === undefined ? start : start + 2; at < end; at += PIECE) {
      const piece = bytes.subarray(at, Math.min(at + PIECE, end));
      lines.push({ hex: toHex(piece), comment: text.decode(piece).replaceAll('#', 'no.') });
    }
    if (newline >= 0) lines.push({ hex: '0a', comment: '' });
    start = end + 1;
  }
  return align(lines);
}
