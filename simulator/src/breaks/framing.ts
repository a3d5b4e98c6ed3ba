/** Lines that are taken or written wrongly (SPEC.md, Serial). */
import { concat, crc16, OS_COMMAND, OS_GROUP } from '@timeband/protocol';
import { breaks } from './break.js';

const MAX_LINE = 127;
const NEWLINE = 0x0a;
const FIRST = '\u0006\t';
const NEXT = '\u0004\u0014';
/** Of a frame in more than two lines. */
const LONG = 2 * MAX_LINE;

export const FRAMING_BREAKS = breaks({
  'takes-bad-crc': {
    description: 'packets are taken whatever their CRC says',
    check: 'framing-crc',
    create: () => ({
      onLine: (bytes) =>
        repaired(bytes, (raw) => {
          const crc = crc16(raw.subarray(2, -2));
          return concat(raw.subarray(0, -2), Uint8Array.of(crc >> 8, crc & 0xff));
        }),
    }),
  },
  'takes-bad-length': {
    description: 'packets are taken whatever their length says',
    check: 'framing-length',
    create: () => ({
      onLine: (bytes) =>
        repaired(bytes, (raw) =>
          concat(Uint8Array.of((raw.length - 2) >> 8, raw.length - 2), raw.subarray(2)),
        ),
    }),
  },
  'loses-short-lines': {
    description: 'packets are lost whose lines are shorter than they may be',
    check: 'framing-short-lines',
    create: () => ({
      onLine: (bytes) => {
        const lines = text(bytes).split('\n');
        const isShort =
          lines.length > 2 && (lines[0] ?? '').length < MAX_LINE - 1 && lines[1]?.startsWith(NEXT);
        return isShort === true ? new Uint8Array() : undefined;
      },
    }),
  },
  'noise-breaks-packet': {
    description: 'a packet is lost when the console says something between its lines',
    check: 'framing-noise-between',
    create: () => ({
      onLine: (bytes) => {
        const lines = text(bytes)
          .split('\n')
          .filter((line) => line !== '');
        const from = lines.findIndex((line) => line.startsWith(FIRST));
        const isBroken = from >= 0 && lines.slice(from + 1).some((line) => !line.startsWith(NEXT));
        return isBroken && lines.some((line) => line.startsWith(NEXT)) ? new Uint8Array() : undefined;
      },
    }),
  },
  'stuck-after-overlong': {
    description: 'after a line that is too long the next packet is lost',
    check: 'framing-overlong',
    create: () => {
      let isStuck = false;
      return {
        onLine: (bytes) => {
          const lost = isStuck;
          isStuck = text(bytes)
            .split('\n')
            .some((line) => line.startsWith(FIRST) && line.length >= MAX_LINE);
          return lost ? new Uint8Array() : undefined;
        },
      };
    },
  },
  'one-packet-a-write': {
    description: 'of two packets that arrive together the second is lost',
    check: 'framing-together',
    create: () => ({
      onLine: (bytes) => {
        const second = text(bytes).indexOf(`\n${FIRST}`);
        return second < 0 || !text(bytes).startsWith(FIRST) ? undefined : bytes.subarray(0, second + 1);
      },
    }),
  },
  'long-lines': {
    description: 'echoes of three lines and more are written as one line',
    check: 'framing-answers',
    create: () => ({
      onFrame: (frame) => {
        const lines = text(frame).split('\n').slice(0, -1);
        const raw = Buffer.concat(lines.map((line) => Buffer.from(line.slice(2), 'base64')));
        const isEcho = raw.readUInt16BE(6) === OS_GROUP && raw[9] === OS_COMMAND.echo;
        if (!isEcho || frame.length <= LONG) return undefined;
        return [{ bytes: Buffer.from(`${FIRST}${raw.toString('base64')}\n`, 'latin1') }];
      },
    }),
  },
});

/** One line that is a whole packet, put right. */
function repaired(bytes: Uint8Array, repair: (raw: Uint8Array) => Uint8Array): Uint8Array | undefined {
  const isLine = text(bytes).startsWith(FIRST) && bytes.indexOf(NEWLINE) === bytes.length - 1;
  if (!isLine || bytes.length >= MAX_LINE) return undefined;
  const raw = repair(Buffer.from(text(bytes).slice(2), 'base64'));
  return Buffer.from(`${FIRST}${Buffer.from(raw).toString('base64')}\n`, 'latin1');
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
