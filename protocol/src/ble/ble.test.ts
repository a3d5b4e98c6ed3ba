import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { advertKey, openAdvert, sealAdvert, type AdvertState } from './advert.js';
import { privateAddress, resolves } from './private-address.js';

const irk = fromHex('ec0234a357c8ad05341010a60a397d9b');
const other = fromHex('00112233445566778899aabbccddeeff');

describe('a resolvable private address', () => {
  it('has the hash of the sample data of Bluetooth Core, Vol 3 Part H, Appendix D.7', () => {
    expect(toHex(privateAddress(irk, fromHex('708194')))).toBe('7081940dfbaa');
  });

  it('is recognised by its own key only', () => {
    const address = privateAddress(irk, fromHex('0a0b0c'));
    expect([resolves(irk, address), resolves(other, address)]).toEqual([true, false]);
  });

  it('cannot be followed: addresses of one band share nothing but the mark of their kind', () => {
    const addresses = Array.from({ length: 64 }, (_, i) =>
      privateAddress(irk, Uint8Array.of(i, i * 7, i * 3)),
    );
    expect(new Set(addresses.map((address) => toHex(address.subarray(3)))).size).toBe(64);
    expect(addresses.every((address) => (address[0] ?? 0) >> 6 === 1)).toBe(true);
  });

  it.each([
    ['public or static', 'c081940dfbaa'],
    ['too short', '7081940dfb'],
    ['empty', ''],
  ])('is nobody’s when it is %s', (_, address) => {
    expect(resolves(irk, fromHex(address))).toBe(false);
  });
});

describe('an advert', () => {
  const key = advertKey(irk);
  const address = privateAddress(irk, fromHex('708194'));
  const states: fc.Arbitrary<AdvertState> = fc.record({
    ...{ help: fc.boolean(), pressed: fc.boolean(), full: fc.boolean(), clockUnset: fc.boolean() },
    battery: fc.integer({ min: 0, max: 100 }),
    waiting: fc.integer({ min: 0, max: 0xffff }),
  });
  const counters = fc.integer({ min: 0, max: 0xffff });
  const state = { help: true, pressed: false, full: false, clockUnset: false, battery: 80, waiting: 3 };

  it('says the same to who has the key, in 10 bytes', () => {
    fc.assert(
      fc.property(states, counters, (said, counter) => {
        const data = sealAdvert(key, address, counter, said);
        expect(data).toHaveLength(10);
        expect(openAdvert(key, address, data)).toEqual({ state: said, counter });
      }),
    );
  });

  it('says nothing to a stranger, and cannot be moved to another address or changed', () => {
    const data = sealAdvert(key, address, 7, state);
    expect(openAdvert(advertKey(other), address, data)).toBeUndefined();
    expect(openAdvert(key, privateAddress(irk, fromHex('708195')), data)).toBeUndefined();
    for (let bit = 0; bit < data.length * 8; bit++) {
      const flipped = Uint8Array.from(data);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openAdvert(key, address, flipped)).toBeUndefined();
    }
  });

  it('does not show that nothing changed: the same state is other bytes under the next counter', () => {
    const first = sealAdvert(key, address, 1, state).subarray(2);
    const second = sealAdvert(key, address, 2, state).subarray(2);
    expect(toHex(first)).not.toBe(toHex(second));
  });

  it.each([0, 9, 11])('is nothing when it has %d bytes', (length) => {
    expect(openAdvert(key, address, new Uint8Array(length))).toBeUndefined();
  });

  it('saturates where there is more than it can say', () => {
    const data = sealAdvert(key, address, 0, { ...state, waiting: 1_000_000, battery: 130 });
    expect(openAdvert(key, address, data)?.state).toMatchObject({ waiting: 0xffff, battery: 100 });
  });
});
