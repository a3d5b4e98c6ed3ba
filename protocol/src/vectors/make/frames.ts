/** SMP packets, and the lines that carry them on a serial port. */
import { concat, fromHex, toHex } from '../../bytes.js';
import { encode } from '../../cbor/index.js';
import { annotateFrame, annotatePacket } from '../../cbor-text/index.js';
import { COMMAND, encodeFrame, encodePacket, OP, TIMEBAND_GROUP, type Op } from '../../smp/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';
import { punch, seal } from './scene.js';

const SEQUENCE = 7;

/** A packet of group 84. */
export function packetOf(op: Op, id: number, payload: Uint8Array): Uint8Array {
  return encodePacket({ op, group: TIMEBAND_GROUP, sequence: SEQUENCE, id, payload });
}

const request = packetOf(OP.read, COMMAND.status.id, encode(COMMAND.status.encodeRequest({ seen: 1 })));

export const packets = (): VectorFile => {
  const indefinite = packetOf(OP.readResponse, COMMAND.status.id, fromHex('bf627263 00ff'.replace(' ', '')));
  const about = (bytes: Uint8Array) => ({ lines: annotatePacket(bytes) });
  const unknown = Uint8Array.from(request, (byte, i) => (i === 0 ? 0x0c : byte));
  const header = { group: TIMEBAND_GROUP, sequence: SEQUENCE, id: COMMAND.status.id };
  return vectorFile(
    {
      structure: 'smp-packet',
      section: 'SMP',
      about: 'An 8-byte header and one CBOR map under the lenient profile.',
    },
    {},
    [
      valid('a request', request, { ...header, op: OP.read, payload: { 1: 1 } }, about(request)),
      valid(
        'an answer of indefinite length',
        indefinite,
        { ...header, op: OP.readResponse, payload: { rc: 0 } },
        about(indefinite),
      ),
      invalid('shorter than a header', request.subarray(0, 7), 'smp/header', {
        lines: [toHex(request.subarray(0, 7))],
      }),
      invalid('an operation that SMP does not have', unknown, 'smp/header', about(unknown)),
      invalid(
        'a byte fewer than the header promises',
        request.subarray(0, -1),
        'smp/length',
        about(request.subarray(0, -1)),
      ),
    ],
  );
};

export const frames = (): VectorFile => {
  const newest = packetOf(
    OP.readResponse,
    COMMAND.status.id,
    encode(COMMAND.status.encodeAnswer({ head: 2, sealed: 1, boot: 1, full: false, newest: punch })),
  );
  const long = packetOf(OP.readResponse, COMMAND.seal.id, encode(COMMAND.seal.encodeAnswer(seal)));
  const line = encodeFrame(request);
  const lines = encodeFrame(long);
  const at = (index: number, byte: number): Uint8Array =>
    Uint8Array.from(line, (old, i) => (i === index ? byte : old));
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const good = (name: string, bytes: Uint8Array, packet: Uint8Array, discarded = 0): VectorCase =>
    valid(name, bytes, { packets: [packet], discarded }, { lines: annotateFrame(bytes) });
  const bad = (name: string, bytes: Uint8Array, code: Parameters<typeof invalid>[2]): VectorCase =>
    invalid(name, bytes, code, { lines: annotateFrame(bytes) });
  return vectorFile(
    {
      structure: 'serial-frame',
      section: 'Serial',
      about:
        'Lines of a serial port and the packet in them. `discarded` counts the bytes that belong to no packet.',
    },
    {},
    [
      good('a packet in one line', line, request),
      good('an answer in one line', encodeFrame(newest), newest),
      good('a packet in three lines', lines, long),
      good('a console’s words before the packet', concat(text('*** Booting ***\n'), line), request, 16),
      bad(
        'a line longer than 127 bytes',
        concat(fromHex('0609'), text('A'.repeat(128)), Uint8Array.of(0x0a)),
        'frame/overlong',
      ),
      bad('a character that is not base64', at(4, 0x2a), 'frame/base64'),
      bad(
        'a line that is not whole groups of four',
        concat(line.subarray(0, -2), Uint8Array.of(0x0a)),
        'frame/base64',
      ),
      bad('more bytes than the length says', at(4, 0x45), 'frame/length'),
      bad('a packet with one bit changed', at(6, line[6] === 0x42 ? 0x43 : 0x42), 'frame/crc'),
      bad('a further line without a first one', lines.subarray(127), 'frame/orphan'),
      bad(
        'a first line without the further ones, and then another',
        concat(lines.subarray(0, 127), line),
        'frame/truncated',
      ),
    ],
  );
};
