import { describe, expect, it } from 'vitest';
import { decodeStrict, encode, entries, type CborMap } from '../cbor/index.js';
import { codeOf } from '../test-support/index.js';
import { deviceBody, readDevice, type KnownDeviceStatement } from './device.js';
import { eventTypeOf, KIND } from './kinds.js';

const overTheWire = (body: CborMap): CborMap => decodeStrict(encode(body)) as CborMap;

describe('a device record', () => {
  it.each<KnownDeviceStatement>([
    { event: 'boot', firmware: '1.2.3' },
    { event: 'clockStep', seconds: 5, back: true },
    { event: 'clockStep', seconds: 121, back: false },
    { event: 'logOpened', lostFrom: 17 },
    { event: 'full' },
    { event: 'keyChanged', earlier: new Uint8Array(32) },
    { event: 'battery', percent: 100 },
    { event: 'tamper', what: 'strapCut' },
    { event: 'queue', waiting: 4711 },
    { event: 'firmware', hash: new Uint8Array(32) },
  ])('comes back the same: $event', (statement) => {
    expect(readDevice(overTheWire(deviceBody(statement)))).toEqual(statement);
  });

  it('of a kind from a later version is kept as unknown', () => {
    expect(readDevice(entries([1, 99], [2, 'details']))).toEqual({ event: 'unknown', number: 99 });
  });

  it.each([
    ['a thumbprint of 31 bytes', entries([1, 5], [6, new Uint8Array(31)])],
    ['101 percent', entries([1, 6], [7, 101])],
    ['a kind of tampering that nobody listed', entries([1, 7], [8, 99])],
    ['a firmware hash of 20 bytes', entries([1, 9], [10, new Uint8Array(20)])],
  ])('is refused with %s', (_, body) => {
    expect(codeOf(() => readDevice(body))).toBe('cbor/shape');
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
