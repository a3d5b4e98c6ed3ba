/** Lines and what is between them (SPEC.md, Serial). */
import { concat, encodeFrame, encodePacket, type SmpPacket } from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import type { Connection } from '../connection.js';
import { echoPacket, isEcho, mustHear } from './packets-of.js';

const NOISE = new TextEncoder().encode('[00:00:03.141] <inf> app: tag present\r\n');
const MAX_LINE = 127;
/** Raw bytes that one of our short lines carries. */
const SHORT = 6;
const SEQUENCE = 201;

export const FRAMING = checksOf('framing', [
  {
    id: 'framing-crc',
    section: 'Serial',
    title: 'drops a packet whose CRC does not match',
    needs: ['line'],
    run: ({ connection }) => drops(connection, frameOf(rawOf(echoPacket(SEQUENCE, 'bad crc')), { crc: 1 })),
  },
  {
    id: 'framing-length',
    section: 'Serial',
    title: 'drops a packet that is longer than its length says',
    needs: ['line'],
    run: ({ connection }) =>
      drops(connection, frameOf(rawOf(echoPacket(SEQUENCE, 'length')), { length: -1 })),
  },
  {
    id: 'framing-short-lines',
    section: 'Serial',
    title: 'takes a packet in lines that are shorter than they may be',
    needs: ['line'],
    run: ({ connection }) => takes(connection, 'short', concat(...shortLines('short'))),
  },
  {
    id: 'framing-bytewise',
    section: 'Serial',
    title: 'takes a packet that arrives byte by byte',
    needs: ['line'],
    run: ({ connection }) =>
      takes(
        connection,
        'bytes',
        ...Array.from(encodeFrame(echoPacket(SEQUENCE, 'bytes')), (b) => Uint8Array.of(b)),
      ),
  },
  {
    id: 'framing-noise-before',
    section: 'Serial',
    title: 'skips what is no line, right before a packet',
    needs: ['line'],
    run: ({ connection }) =>
      takes(
        connection,
        'before',
        concat(NOISE, Uint8Array.of(0, 0xff, 0x06), NOISE, encodeFrame(echoPacket(SEQUENCE, 'before'))),
      ),
  },
  {
    id: 'framing-noise-between',
    section: 'Serial',
    title: 'skips console output between the lines of one packet',
    needs: ['line'],
    run: ({ connection }) => {
      const text = 'between '.repeat(16);
      const lines = encodeFrame(echoPacket(SEQUENCE, text));
      const end = lines.indexOf(0x0a) + 1;
      return takes(connection, text, concat(lines.subarray(0, end), NOISE, lines.subarray(end)));
    },
  },
  {
    id: 'framing-restart',
    section: 'Serial',
    title: 'drops a packet that breaks off when another one begins, and takes that one',
    needs: ['line'],
    run: async ({ connection }) => {
      const [first = new Uint8Array()] = shortLines('never whole');
      await takes(connection, 'restart', first, encodeFrame(echoPacket(SEQUENCE, 'restart')));
    },
  },
  {
    id: 'framing-orphan',
    section: 'Serial',
    title: 'skips a continuation that continues nothing',
    needs: ['line'],
    run: async ({ connection }) => {
      const [, second = new Uint8Array()] = shortLines('orphan');
      await takes(connection, 'orphan', second, encodeFrame(echoPacket(SEQUENCE, 'orphan')));
    },
  },
  {
    id: 'framing-overlong',
    section: 'Serial',
    title: 'recovers from a line that is too long, with the next packet',
    needs: ['line'],
    run: async ({ connection }) => {
      const overlong = concat(Uint8Array.of(0x06, 0x09), new Uint8Array(400).fill(0x41), Uint8Array.of(0x0a));
      await takes(connection, 'overlong', overlong, encodeFrame(echoPacket(SEQUENCE, 'overlong')));
    },
  },
  {
    id: 'framing-base64',
    section: 'Serial',
    title: 'drops a line that is not base64, and takes the next packet',
    needs: ['line'],
    run: async ({ connection }) => {
      const broken = encodeFrame(echoPacket(SEQUENCE + 1, 'not base64'));
      broken[9] = 0x2a;
      const heard = await connection.injectLine(broken);
      expect(heard.length === 0, 'a line with a character that is not base64 was answered');
    },
  },
  {
    id: 'framing-together',
    section: 'Serial',
    title: 'takes two packets that arrive in one piece',
    needs: ['line'],
    run: async ({ connection }) => {
      const [one, two] = [echoPacket(SEQUENCE, 'one'), echoPacket(SEQUENCE + 1, 'two')];
      await connection.injectLine(concat(encodeFrame(one), encodeFrame(two)));
      await mustHear(connection, isEcho(SEQUENCE, 'one'), 'the first of two packets in one piece');
      await mustHear(connection, isEcho(SEQUENCE + 1, 'two'), 'the second of two packets in one piece');
    },
  },
  {
    id: 'framing-answers',
    section: 'Serial',
    title: `answers in lines of at most ${MAX_LINE} bytes, each with its marker and whole base64`,
    needs: ['line'],
    run: async ({ connection }) => {
      const text = 'x'.repeat(180);
      const line = await connection.lineDuring(async () => {
        await connection.injectLine(encodeFrame(echoPacket(SEQUENCE, text)));
        await connection.hear(isEcho(SEQUENCE, text));
      });
      judgeLines(line);
      await mustHear(connection, isEcho(SEQUENCE, text), 'a packet of two lines');
    },
  },
]);

/** Nothing comes of it, and the next packet is answered. */
async function drops(connection: Connection, bytes: Uint8Array): Promise<void> {
  const heard = await connection.injectLine(bytes);
  expect(heard.length === 0, 'a damaged packet was answered');
}

/** An echo in these pieces is answered. */
async function takes(connection: Connection, text: string, ...pieces: readonly Uint8Array[]): Promise<void> {
  await connection.injectLine(...pieces);
  await mustHear(connection, isEcho(SEQUENCE, text), 'the packet');
}

function rawOf(packet: SmpPacket | Uint8Array): Uint8Array {
  const bytes = packet instanceof Uint8Array ? packet : encodePacket(packet);
  const lines = new TextDecoder('latin1').decode(encodeFrame(bytes)).split('\n').slice(0, -1);
  return Buffer.concat(lines.map((line) => Buffer.from(line.slice(2), 'base64')));
}

/** One line of raw bytes whose length or CRC is off by so much. */
function frameOf(raw: Uint8Array, { crc = 0, length = 0 }: { crc?: number; length?: number }): Uint8Array {
  const changed = Uint8Array.from(raw);
  changed[1] = (changed[1] ?? 0) + length;
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ crc;
  return lineOf(changed, true);
}

function lineOf(raw: Uint8Array, isFirst: boolean): Uint8Array {
  return Buffer.concat([
    Buffer.from(isFirst ? [0x06, 0x09] : [0x04, 0x14]),
    Buffer.from(Buffer.from(raw).toString('base64'), 'latin1'),
    Buffer.from([0x0a]),
  ]);
}

/** An echo in several lines of a few bytes each. */
function shortLines(text: string): Uint8Array[] {
  const raw = rawOf(echoPacket(SEQUENCE, text));
  const lines: Uint8Array[] = [];
  for (let at = 0; at < raw.length; at += SHORT) lines.push(lineOf(raw.subarray(at, at + SHORT), at === 0));
  return lines;
}

/** Bytes of a line that begin with a marker are lines; others are the console's. */
function judgeLines(bytes: Uint8Array): void {
  const text = new TextDecoder('latin1').decode(bytes);
  const lines = text.split('\n').flatMap((line) => {
    const at = Math.max(line.lastIndexOf('\u0006\t'), line.lastIndexOf('\u0004\u0014'));
    return at < 0 ? [] : [line.slice(at)];
  });
  expect(lines.length > 0, 'nothing came that is a line');
  for (const line of lines) {
    const { length } = line;
    expect(length < MAX_LINE, `a line of ${length + 1} bytes with its newline, at most ${MAX_LINE}`);
    expect(
      /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(line.slice(2)),
      'a line that is not whole base64 by itself',
    );
  }
}
