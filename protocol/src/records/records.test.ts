import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { decodeStrict, encode, entries, type CborMap } from '../cbor/index.js';
import { codeOf, uint32 } from '../test-support/index.js';
import { deviceBody, readDevice, type DeviceStatement } from './device.js';
import { eventTypeOf, KIND } from './kinds.js';
import { punchBody, readPunch, tagId } from './punch.js';

const overTheWire = (body: CborMap): CborMap => decodeStrict(encode(body)) as CborMap;

describe('a punch', () => {
  it('comes back the same', () => {
    const uid = fc.uint8Array({ minLength: 4, maxLength: 10 });
    fc.assert(
      fc.property(fc.constantFrom('in' as const, 'out' as const), uint32, uid, (direction, service, tag) => {
        const back = readPunch(overTheWire(punchBody({ direction, service, uid: tag })));
        expect({ ...back, uid: toHex(back.uid) }).toEqual({ direction, service, uid: toHex(tag) });
      }),
    );
  });

  it.each([
    ['a direction that nobody defined', entries([1, 3], [2, 7], [3, entries([1, new Uint8Array(4)])])],
    ['a UID of 3 bytes', entries([1, 1], [2, 7], [3, entries([1, new Uint8Array(3)])])],
    ['a UID of 11 bytes', entries([1, 1], [2, 7], [3, entries([1, new Uint8Array(11)])])],
    ['no proof', entries([1, 1], [2, 7])],
    ['no service', entries([1, 1], [3, entries([1, new Uint8Array(4)])])],
  ])('is refused with %s', (_, body) => {
    expect(codeOf(() => readPunch(body))).toBe('cbor/shape');
  });

  it('names a tag by an id that may stand in a topic', () => {
    expect(tagId(Uint8Array.of(4, 0xa1, 0xb2, 0xc3))).toBe('tag-04a1b2c3');
  });
});

describe('a device record', () => {
  it.each<Exclude<DeviceStatement, { event: 'unknown' }>>([
    { event: 'boot', firmware: '1.2.3' },
    { event: 'clockStep', seconds: 5, back: true },
    { event: 'clockStep', seconds: 121, back: false },
    { event: 'logOpened', lostFrom: 17 },
    { event: 'full' },
  ])('comes back the same: $event', (statement) => {
    expect(readDevice(overTheWire(deviceBody(statement)))).toEqual(statement);
  });

  it('of a kind from a later version is kept as unknown', () => {
    expect(readDevice(entries([1, 99], [2, 'details']))).toEqual({ event: 'unknown', number: 99 });
  });

  it('is refused when its details are missing', () => {
    expect(codeOf(() => readDevice(entries([1, 1])))).toBe('cbor/shape');
    expect(codeOf(() => readDevice(new Map()))).toBe('cbor/shape');
  });
});

describe('event types', () => {
  it('are the names of the kinds, and `other` for kinds from a later version', () => {
    expect([KIND.punch, KIND.device, 0, 99].map(eventTypeOf)).toEqual(['punch', 'device', 'other', 'other']);
  });
});
