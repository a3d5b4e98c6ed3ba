import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { codeOf } from '../test-support/index.js';
import { parseSunUrl } from './sun-url.js';
import { makeEncryptedSun, makeSun, openPiccData, sdmMac, verifySdmMac } from './sun.js';
import { diversifyKey, tagFileReadKey } from './tag-keys.js';

/** The keys of a tag as it leaves the factory, which NXP's examples use. */
const FACTORY_KEY = new Uint8Array(16);
const master = fromHex('00112233445566778899aabbccddeeff');
const uid = fromHex('04782e21801d80');

describe('a tag’s MAC', () => {
  it.each([
    ['04de5f1eacc040', 0x3d, '', '94eed9ee65337086'],
    ['041e3c8a2d6b80', 0x06, '', '4b00064004b0b3d3'],
    ['04958caa5c5e80', 0x08, 'CEE9A53E3E463EF1F459635736738962&cmac=', 'ecc1e7f6c6c73bf6'],
  ])('is that of NXP’s examples (AN12196 §3.4): %s at %d', (tag, counter, input, mac) => {
    const reading = { uid: fromHex(tag), counter };
    expect(toHex(sdmMac(FACTORY_KEY, reading, new TextEncoder().encode(input)))).toBe(mac);
  });

  it('holds under its own key only, for its own UID and counter', () => {
    const key = tagFileReadKey(master, 'dahaiyang', uid);
    const { mac } = makeSun(key, { uid, counter: 7 });
    const judge = (k: Uint8Array, u: Uint8Array, counter: number, m: Uint8Array) =>
      codeOf(() => {
        verifySdmMac(k, { uid: u, counter }, m);
      });
    expect(judge(key, uid, 7, mac)).toBe('accepted');
    expect(judge(key, uid, 8, mac)).toBe('evidence/proof');
    expect(judge(key, fromHex('04782e21801d81'), 7, mac)).toBe('evidence/proof');
    expect(judge(FACTORY_KEY, uid, 7, mac)).toBe('evidence/proof');
    expect(judge(key, uid, 7, mac.subarray(1))).toBe('evidence/proof');
  });
});

describe('encrypted PICC data', () => {
  it.each([
    ['ef963ff7828658a599f3041510671e88', '04de5f1eacc040', 0x3d],
    ['fd91ec264309878be6345cbe53badf40', '04958caa5c5e80', 0x08],
  ])('is opened as in NXP’s examples (AN12196 §3.4.2): %s', (piccData, tag, counter) => {
    const reading = openPiccData(FACTORY_KEY, fromHex(piccData));
    expect({ uid: toHex(reading.uid), counter: reading.counter }).toEqual({ uid: tag, counter });
  });

  it('comes back the same, and is refused under another site’s key', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 7, maxLength: 7 }),
        fc.integer({ min: 0, max: 0xff_ffff }),
        fc.uint8Array({ minLength: 5, maxLength: 5 }),
        (tag, counter, padding) => {
          const { piccData } = makeEncryptedSun(FACTORY_KEY, master, { uid: tag, counter }, padding);
          const back = openPiccData(master, piccData);
          expect([toHex(back.uid), back.counter]).toEqual([toHex(tag), counter]);
        },
      ),
    );
    const { piccData } = makeEncryptedSun(FACTORY_KEY, master, { uid, counter: 7 }, new Uint8Array(5));
    expect(codeOf(() => openPiccData(FACTORY_KEY, piccData))).toBe('evidence/proof');
  });
});

describe('a tag’s key', () => {
  it('is diversified as in NXP’s example (AN10922 §2.2.1)', () => {
    const input = fromHex('04782e21801d803042f54e585020416275');
    expect(toHex(diversifyKey(master, input))).toBe('a8dd63a3b89d54b37ca802473fda9175');
  });

  it('differs for every tag and site', () => {
    const other = fromHex('04782e21801d81');
    const keys = [
      tagFileReadKey(master, 'dahaiyang', uid),
      tagFileReadKey(master, 'dahaiyang', other),
      tagFileReadKey(master, 'xiaohaiyang', uid),
    ];
    expect(new Set(keys.map(toHex)).size).toBe(3);
  });

  it('is not derived from an input whose padding would differ from CMAC’s', () => {
    expect(() => diversifyKey(master, new Uint8Array(15))).toThrow(RangeError);
    expect(() => diversifyKey(master, new Uint8Array(32))).toThrow(RangeError);
  });
});

describe('a tag’s link', () => {
  it('is read with its data encrypted or in the clear, whatever else it says', () => {
    expect(
      parseSunUrl('https://tag.example/t?picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086'),
    ).toEqual({
      kind: 'encrypted-sun',
      piccData: fromHex('ef963ff7828658a599f3041510671e88'),
      mac: fromHex('94eed9ee65337086'),
    });
    expect(parseSunUrl('tag.example?v=1&cmac=4b00064004b0b3d3&uid=041E3C8A2D6B80&ctr=000106#top')).toEqual({
      kind: 'sun',
      uid: fromHex('041e3c8a2d6b80'),
      counter: 0x106,
      mac: fromHex('4b00064004b0b3d3'),
    });
  });

  it.each([
    ['without parameters', 'https://tag.example/'],
    ['without a MAC', 'https://tag.example/?uid=041E3C8A2D6B80&ctr=000006'],
    ['with a MAC cut short', 'https://tag.example/?uid=041E3C8A2D6B80&ctr=000006&cmac=4B00'],
    ['with a UID that is not hexadecimal', 'https://x/?uid=041E3C8A2D6BXX&ctr=000006&cmac=4B00064004B0B3D3'],
    ['with a parameter twice', 'https://x/?cmac=4B00064004B0B3D3&cmac=4B00064004B0B3D3'],
    ['longer than a tag can hold', `https://x/?${'a'.repeat(600)}`],
  ])('is refused %s', (_, url) => {
    expect(codeOf(() => parseSunUrl(url))).toBe('evidence/shape');
  });

  it('never fails with anything but an error of this protocol', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['accepted', 'evidence/shape']).toContain(codeOf(() => parseSunUrl(`?${text}`)));
      }),
    );
  });
});
