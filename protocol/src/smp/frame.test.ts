import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { crc16, Deframer, encodeFrame, framedLength, MAX_LINE_BYTES } from './frame.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);
const START = '\x06\x09';
const CONTINUE = '\x04\x14';

interface Heard {
  readonly packets: string[];
  readonly faults: string[];
  readonly discarded: number;
}

/** What a deframer makes of the pieces, in that order. */
function hear(pieces: readonly Uint8Array[], maxPacket?: number): Heard {
  const packets: string[] = [];
  const faults: string[] = [];
  const deframer = new Deframer(
    { packet: (packet) => packets.push(toHex(packet)), fault: (error) => faults.push(error.code) },
    maxPacket,
  );
  for (const piece of pieces) deframer.push(piece);
  return { packets, faults, discarded: deframer.discarded };
}

const small = bytesOf(20);
const large = bytesOf(200);
const good = encodeFrame(small);

/** Damaged lines by name, with the codes they raise. All of each is discarded. */
const DAMAGE: readonly (readonly [name: string, bytes: Uint8Array, codes: readonly string[]])[] = [
  ['a line longer than 127 bytes', ascii(`${START}${'A'.repeat(125)}\n`), ['frame/overlong']],
  ['a character that is not base64', ascii(`${START}AA*A\n`), ['frame/base64']],
  ['a carriage return in a line', ascii(`${START}AAAA\r\n`), ['frame/base64']],
  ['padding in the middle', ascii(`${START}AA==AAAA\n`), ['frame/base64']],
  ['a group that is all padding', ascii(`${START}AA==A===\n`), ['frame/base64']],
  ['three padding characters', ascii(`${START}A===\n`), ['frame/base64']],
  ['a line of three characters', ascii(`${START}AAA\n`), ['frame/base64']],
  ['an empty line', ascii(`${START}\n`), ['frame/length']],
  ['a line of one byte', ascii(`${START}AA==\n`), ['frame/length']],
  ['a length of no packet', ascii(`${START}AAIAAAAA\n`), ['frame/length']],
  ['a length beyond the limit', ascii(`${START}//8AAAAA\n`), ['frame/length']],
  ['more bytes than the length says', withLength(good, 21), ['frame/length']],
  ['a wrong CRC', withLastByte(good), ['frame/crc']],
  ['a continuation without a beginning', ascii(`${CONTINUE}AAAA\n`), ['frame/orphan']],
  [
    'a beginning that is never continued',
    encodeFrame(large).subarray(0, MAX_LINE_BYTES),
    ['frame/truncated'],
  ],
  ['half a marker', ascii('\x06'), []],
  ['half a marker before another', ascii('\x06\x04\x06'), []],
  ['console output', ascii('uart:~$ boot ok\r\n'), []],
  ['nothing but newlines', ascii('\n\n\n'), []],
];

describe('the CRC', () => {
  it('is CRC-16/XMODEM, whose check value is 0x31c3', () => {
    expect(crc16(ascii('123456789'))).toBe(0x31c3);
    expect(crc16(new Uint8Array())).toBe(0);
  });
});

describe('a frame', () => {
  // Made by another implementation (Python's base64 and binascii.crc_hqx).
  it.each([
    ['0a00000900000100a161646568656c6c6f', `${START}ABMKAAAJAAABAKFhZGVoZWxsb3o2\n`],
    [
      '0300001000004200bf61726b48656c6c6f20576f726c64ff',
      `${START}ABoDAAAQAABCAL9hcmtIZWxsbyBXb3JsZP/C4g==\n`,
    ],
    [
      `0a00007800000700${toHex(bytesOf(120))}`,
      `${START}AIIKAAB4AAAHAAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFS\n` +
        `${CONTINUE}U1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d1Rv\n`,
    ],
  ])('is byte for byte what others send: %s', (packet, line) => {
    expect(Buffer.from(encodeFrame(fromHex(packet))).toString('latin1')).toBe(line);
    expect(hear([ascii(line)])).toEqual({ packets: [packet], faults: [], discarded: 0 });
  });

  it('comes back the same for every size from 8 to 4096 bytes, in lines of at most 127', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 4_096 }), fc.nat(255), (size, seed) => {
        const packet = Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) & 0xff);
        const frame = encodeFrame(packet);
        expect(frame).toHaveLength(framedLength(size));
        const lines = Buffer.from(frame).toString('latin1').split('\n').slice(0, -1);
        expect(Math.max(...lines.map((line) => line.length + 1))).toBeLessThanOrEqual(MAX_LINE_BYTES);
        expect(lines.map((line) => line.slice(0, 2))).toEqual([START, ...lines.slice(1).map(() => CONTINUE)]);
        expect(hear([frame])).toEqual({ packets: [toHex(packet)], faults: [], discarded: 0 });
      }),
    );
  });

  it('has the length that was computed for it', () => {
    for (let size = 1; size < 600; size++)
      expect(encodeFrame(bytesOf(size))).toHaveLength(framedLength(size));
  });

  it('is taken from senders that use shorter lines, each decoded by itself', () => {
    const raw = Buffer.concat([
      Buffer.from([0, 22]),
      small,
      Buffer.from([crc16(small) >> 8, crc16(small) & 0xff]),
    ]);
    const lines = [raw.subarray(0, 4), raw.subarray(4, 5), raw.subarray(5)].map(
      (part, i) => `${i === 0 ? START : CONTINUE}${part.toString('base64')}\n`,
    );
    expect(hear([ascii(lines.join(''))])).toEqual({ packets: [toHex(small)], faults: [], discarded: 0 });
  });

  it('of several lines may be interrupted by console output', () => {
    const frame = encodeFrame(large);
    const noise = ascii('[00:00:01] log line\n');
    const pieces = [frame.subarray(0, MAX_LINE_BYTES), noise, frame.subarray(MAX_LINE_BYTES)];
    expect(hear(pieces)).toEqual({ packets: [toHex(large)], faults: [], discarded: noise.length });
  });

  it('longer than the receiver takes is refused at its first line', () => {
    expect(hear([encodeFrame(bytesOf(65)), good], 64)).toMatchObject({
      packets: [toHex(small)],
      faults: ['frame/length'],
    });
    expect(hear([encodeFrame(bytesOf(64))], 64).packets).toHaveLength(1);
  });
});

describe('damage on the line', () => {
  it.each(DAMAGE)('%s is named and counted, and the next frame is received', (_, bytes, codes) => {
    expect(hear([good, bytes, good])).toEqual({
      packets: [toHex(small), toHex(small)],
      faults: codes,
      discarded: bytes.length,
    });
  });

  it.each(DAMAGE)('%s is the same, wherever the reads cut it', (_, bytes) => {
    const stream = concat(good, bytes, encodeFrame(large), bytes, good);
    const whole = hear([stream]);
    for (let at = 0; at <= stream.length; at++) {
      expect(hear([stream.subarray(0, at), stream.subarray(at)])).toEqual(whole);
    }
    expect(hear([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('never loses count: every byte is in a packet, discarded, or still waiting', () => {
    const piece = fc.oneof(
      fc.constantFrom(...DAMAGE.map(([, bytes]) => bytes)),
      fc.uint8Array({ maxLength: 30 }),
      fc.integer({ min: 8, max: 300 }).map((size) => encodeFrame(bytesOf(size))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        // The last beginning flushes out whatever was waiting before it.
        const { packets, discarded } = hear([...pieces, ascii('\n'), good]);
        const framed = packets.reduce((sum, hex) => sum + framedLength(hex.length / 2), 0);
        expect(packets.at(-1)).toBe(toHex(small));
        expect(framed + discarded).toBe(concat(...pieces).length + 1 + good.length);
      }),
      { numRuns: 300 },
    );
  });

  it('does not grow what is held: endless continuations are cut off at the limit', () => {
    const first = ascii(`${START}${Buffer.from([0x10, 0x02]).toString('base64')}\n`);
    const more = ascii(`${CONTINUE}${'A'.repeat(124)}\n`);
    const { packets, faults } = hear([first, ...Array.from({ length: 100 }, () => more)]);
    expect(packets).toEqual([]);
    expect(faults[0]).toBe('frame/length');
    expect(new Set(faults.slice(1))).toEqual(new Set(['frame/orphan']));
  });
});

/** A one-line frame whose length field says something else. */
function withLength(frame: Uint8Array, length: number): Uint8Array {
  const raw = Buffer.from(Buffer.from(frame.subarray(2, -1)).toString('latin1'), 'base64');
  raw.writeUInt16BE(length);
  return ascii(`${START}${raw.toString('base64')}\n`);
}

/** A one-line frame with the last byte of its CRC flipped. */
function withLastByte(frame: Uint8Array): Uint8Array {
  const raw = Buffer.from(Buffer.from(frame.subarray(2, -1)).toString('latin1'), 'base64');
  raw[raw.length - 1] = (raw[raw.length - 1] ?? 0) ^ 1;
  return ascii(`${START}${raw.toString('base64')}\n`);
}
