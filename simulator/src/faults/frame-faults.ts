/** Damage below the packet: what a bad cable, a shared console or a confused UART puts on the line. */
import { concat, MAX_LINE_BYTES } from '@timeband/protocol';
import type { Fault } from './behaviour.js';

const START = Uint8Array.of(0x06, 0x09);
const NEWLINE = Uint8Array.of(0x0a);
const LATE_MS = 3_000;
const NOISE = Buffer.from(
  '[00:00:03.141,592] <inf> app: tag present, rssi -41\r\n*** Booting Zephyr OS build v3.7.0 ***\r\n',
);
/** A line that begins like a frame and goes on far too long. */
const OVERLONG = concat(START, Buffer.from('A'.repeat(400)), NEWLINE);

export const FRAME_FAULTS = {
  garbage: {
    description: 'random bytes behind a frame marker instead of every answer',
    create: ({ random }) => ({
      onFrame: (frame) => [{ bytes: concat(START, random.bytes(frame.length), NEWLINE) }],
    }),
  },
  'truncated-frame': {
    description: 'every answer stops in the middle of its frame',
    create: () => ({ onFrame: (frame) => [{ bytes: frame.subarray(0, frame.length >> 1) }] }),
  },
  'overlong-frame': {
    description: 'a line longer than the framing allows instead of every answer',
    create: () => ({ onFrame: () => [{ bytes: OVERLONG }] }),
  },
  'bad-crc': {
    description: 'every answer with a CRC that does not match',
    create: () => ({
      onFrame: (frame) => [{ bytes: addToRaw(frame, -1, 1) }],
    }),
  },
  'bad-length': {
    description: 'every answer with a length one less than its bytes',
    create: () => ({ onFrame: (frame) => [{ bytes: addToRaw(frame, 1, -1) }] }),
  },
  'console-noise': {
    description: "text of the firmware's console before every answer; the answers are good",
    create: () => ({ onFrame: (frame) => [{ bytes: NOISE }, { bytes: frame }] }),
  },
  silent: {
    description: 'requests are taken and never answered',
    create: () => ({ onRequest: () => 'swallow' }),
  },
  'late-answer': {
    description: `every answer ${LATE_MS / 1_000} s late`,
    create: () => ({ onFrame: (frame) => [{ bytes: frame, afterMs: LATE_MS }] }),
  },
  'duplicate-answer': {
    description: 'every answer twice',
    create: () => ({ onFrame: (frame) => [{ bytes: frame }, { bytes: frame }] }),
  },
  'split-bytes': {
    description: 'every byte is written alone; the answers are good',
    create: () => ({ onFrame: (frame) => Array.from(frame, (byte) => ({ bytes: Uint8Array.of(byte) })) }),
  },
} as const satisfies Record<string, Fault>;

/** Bytes that a full line carries in base64, between its two marker bytes and its newline. */
const RAW_BYTES_PER_LINE = ((MAX_LINE_BYTES - 3) / 4) * 3;

/** Adds to one of the raw bytes `length16 ‖ packet ‖ CRC-16` inside a frame; `at` counts from the end when negative. */
function addToRaw(frame: Uint8Array, at: number, amount: number): Uint8Array {
  const lines = Buffer.from(frame).toString('latin1').split('\n').slice(0, -1);
  const raw = Buffer.concat(lines.map((line) => Buffer.from(line.slice(2), 'base64')));
  const index = at < 0 ? raw.length + at : at;
  raw[index] = (raw[index] ?? 0) + amount;
  const changed = lines.map((line, number) => {
    const from = number * RAW_BYTES_PER_LINE;
    return `${line.slice(0, 2)}${raw.subarray(from, from + RAW_BYTES_PER_LINE).toString('base64')}\n`;
  });
  return Buffer.from(changed.join(''), 'latin1');
}
