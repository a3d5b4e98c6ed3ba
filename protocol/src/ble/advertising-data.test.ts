import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex } from '../bytes.js';
import { ADVERT_BYTES } from './advert.js';
import { PrivateAddressResolver } from './address-resolver.js';
import { bandAdvertisingData, readAdvertisingData, serverAdvertisingData } from './advertising-data.js';
import { privateAddress } from './private-address.js';

describe('advertising data', () => {
  it('of a band fills a legacy advert to the last byte, and gives back what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: ADVERT_BYTES, maxLength: ADVERT_BYTES }), (sealed) => {
        const data = bandAdvertisingData(sealed);
        expect(data).toHaveLength(31);
        expect(readAdvertisingData(data)).toEqual({ kind: 'band', sealed });
      }),
    );
  });

  it('is found behind structures of others, and before padding', () => {
    const sealed = new Uint8Array(ADVERT_BYTES);
    const data = concat(Uint8Array.of(2, 0x0a, 4), bandAdvertisingData(sealed), new Uint8Array(3));
    expect(readAdvertisingData(data)).toEqual({ kind: 'band', sealed });
  });

  it('of a device from the factory says that it speaks SMP, and its name, in a legacy advert', () => {
    const data = serverAdvertisingData('20260007-and-more');
    expect(data).toHaveLength(31);
    expect(readAdvertisingData(data)).toEqual({ kind: 'server', name: '20260007' });
    expect(readAdvertisingData(serverAdvertisingData(''))).toEqual({ kind: 'server', name: undefined });
    expect(readAdvertisingData(serverAdvertisingData('a\u001b[2J'))).toEqual({
      kind: 'server',
      name: 'a[2J',
    });
  });

  it.each([
    ['nothing', ''],
    ['a name', '0309416e'],
    ['padding alone', '000000'],
    ['a structure of a type alone', '010a'],
  ])('of %s is somebody else’s', (_, hex) => {
    expect(readAdvertisingData(fromHex(hex))).toEqual({ kind: 'foreign' });
  });

  it.each([
    ['a structure longer than what is left', '1f0941'],
    ['a length and nothing after it', '02010605'],
    ['more after a length of 0', '00020106'],
  ])('with %s is malformed', (_, hex) => {
    expect(readAdvertisingData(fromHex(hex))).toEqual({ kind: 'malformed' });
  });

  it('of any bytes is one of the four', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        expect(['band', 'server', 'foreign', 'malformed']).toContain(readAdvertisingData(data).kind);
      }),
    );
  });
});

describe('the resolver of private addresses', () => {
  const irks = fc.uniqueArray(fc.uint8Array({ minLength: 16, maxLength: 16 }), {
    selector: (irk) => irk.join(),
    minLength: 1,
    maxLength: 20,
  });

  it('names the owner of each address', () => {
    fc.assert(
      fc.property(irks, fc.uint8Array({ minLength: 3, maxLength: 3 }), (all, random) => {
        const resolver = new PrivateAddressResolver(all.map((irk, i) => [i, irk] as const));
        for (const [i, irk] of all.entries())
          expect([...resolver.candidates(privateAddress(irk, random))]).toContain(i);
      }),
    );
  });

  it('knows the address of the sample data of Bluetooth Core, Vol 3 Part H, Appendix D.7', () => {
    const resolver = new PrivateAddressResolver([['it', fromHex('ec0234a357c8ad05341010a60a397d9b')]]);
    expect([...resolver.candidates(fromHex('7081940dfbaa'))]).toEqual(['it']);
    expect([...resolver.candidates(fromHex('7081940dfbab'))]).toEqual([]);
    expect([...resolver.candidates(fromHex('f081940dfbaa'))]).toEqual([]);
    expect([...resolver.candidates(new Uint8Array())]).toEqual([]);
  });
});
