import { DEFAULT_RECORDS_BYTES } from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { recordsRoom } from './records-room.js';

const room = (bufferBytes: number) => recordsRoom({ bufferBytes, bufferCount: 1 });

describe('the room for records in an answer', () => {
  it('is what header, envelope and session leave of the device’s buffer', () => {
    expect(room(2_048)).toBe(2_048 - 8 - 5 - 28);
  });

  it('is never less than what every device has room for', () => {
    expect([room(64), room(384)]).toEqual([DEFAULT_RECORDS_BYTES, DEFAULT_RECORDS_BYTES]);
  });

  it('is no more than the longest packet that a gateway takes, however large a device says its buffer is', () => {
    expect(room(Number.MAX_SAFE_INTEGER)).toBe(4_096 - 8 - 5 - 28);
  });
});
