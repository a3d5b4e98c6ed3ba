import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@timeband/protocol';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ImageError } from './errors.js';
import { readImage, verifyImage } from './image.js';
import { generateImageKey, type ImageKey } from './keys.js';
import { signImage, type SignOptions } from './sign.js';
import { DEFAULT_SLOT } from './trailer.js';
import { compareVersions, formatVersion, parseVersion } from './version.js';

const dir = mkdtempSync(join(tmpdir(), 'image-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
const ed25519 = generateImageKey('ed25519', join(dir, 'ed.pem'));
const ecdsa = generateImageKey('ecdsa-p256', join(dir, 'ec.pem'));
const other = generateImageKey('ed25519', join(dir, 'other.pem'));

const PROGRAM = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 0xff);

function options(key: ImageKey, changed: Partial<SignOptions> = {}): SignOptions {
  return {
    ...{ key, version: parseVersion('1.2.3+4'), headerSize: 64, padHeader: true, pad: false, confirm: false },
    slot: { ...DEFAULT_SLOT, size: 4096, maxSectors: 4 },
    ...{ dependencies: [], custom: [], embedKey: false, sha: 'sha256', pure: false },
    ...changed,
  };
}

const code = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
};

describe('a signed image', () => {
  const bytes = signImage(PROGRAM, options(ed25519, { securityCounter: 9 }));

  it('begins with MCUboot’s header', () => {
    expect(toHex(bytes.subarray(0, 32))).toBe(
      '3db8f396' +
        '00000000' +
        '4000' +
        '0c00' +
        '2c010000' +
        '00000000' +
        '01020300' +
        '04000000' +
        '00000000',
    );
    expect(bytes.subarray(32, 64).every((byte) => byte === 0xff)).toBe(true);
    expect(bytes.subarray(64, 364)).toEqual(PROGRAM);
  });

  it('has its security counter under the hash, and hash, key and signature behind it', () => {
    expect(toHex(bytes.subarray(364, 376))).toBe('0869' + '0c00' + '5000' + '0400' + '09000000');
    expect(toHex(bytes.subarray(376, 384))).toBe('0769' + '9000' + '1000' + '2000');
    expect(toHex(bytes.subarray(416, 420))).toBe('0100' + '2000');
    expect(toHex(bytes.subarray(452, 456))).toBe('2400' + '4000');
    expect(bytes.length).toBe(520);
  });

  it.each([
    ['Ed25519', ed25519, {}],
    ['Ed25519 with SHA-512', ed25519, { sha: 'sha512' }],
    ['Ed25519, pure', ed25519, { pure: true }],
    ['Ed25519 with its whole key', ed25519, { embedKey: true }],
    ['ECDSA P-256', ecdsa, {}],
    ['ECDSA P-256 with its whole key', ecdsa, { embedKey: true }],
  ] as const)('is good under its key and no other: %s', (_, key, changed) => {
    const image = readImage(signImage(PROGRAM, options(key, changed)));
    verifyImage(image, key);
    expect(
      code(() => {
        verifyImage(image, other);
      }),
    ).toBe('image/key');
    expect(formatVersion(image.header.version)).toBe('1.2.3+4');
  });

  it('says again what was put in', () => {
    const dependencies = [{ image: 1, version: parseVersion('1.4.0') }];
    const custom = [{ type: 0xa1, value: Uint8Array.of(1, 2, 3) }];
    const image = readImage(
      signImage(PROGRAM, options(ecdsa, { dependencies, custom, securityCounter: 77, romFixed: 0x8000 })),
    );
    expect(image).toMatchObject({ dependencies, custom, securityCounter: 77, padded: false });
    expect(image.header).toMatchObject({ loadAddress: 0x8000, flags: 0x100, imageSize: 300 });
  });

  it.each([
    ['asks for the swap', { pad: true }, { padded: true, confirmed: false }],
    ['is confirmed', { confirm: true }, { padded: true, confirmed: true }],
  ])('that is padded fills its slot and %s', (_, changed, expected) => {
    const padded = signImage(PROGRAM, options(ed25519, changed));
    expect(padded.length).toBe(4096);
    expect(readImage(padded)).toMatchObject(expected);
    expect(readImage(padded).bytes).toEqual(signImage(PROGRAM, options(ed25519)));
  });

  it.each([
    ['Ed25519', ed25519, {}],
    ['ECDSA', ecdsa, { embedKey: true }],
    ['padded', ed25519, { confirm: true, slot: { ...DEFAULT_SLOT, size: 1024, maxSectors: 4 } }],
    ['pure', ed25519, { pure: true, securityCounter: 3 }],
  ] as const)('is refused when any bit of it is another: %s', (_, key, changed) => {
    const good = signImage(PROGRAM, options(key, changed));
    const accepted: number[] = [];
    for (let bit = 0; bit < good.length * 8; bit++) {
      const flipped = Uint8Array.from(good);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (
        code(() => {
          verifyImage(readImage(flipped), key);
        }) === 'nothing'
      )
        accepted.push(bit);
    }
    expect(accepted).toEqual([]);
  });

  it('is refused when it is cut off anywhere', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(code(() => readImage(bytes.subarray(0, length)))).toMatch(/^image\//);
  });

  it('is never read from arbitrary bytes with anything but a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const mixed = Uint8Array.from([...bytes.subarray(0, 20), ...noise]);
        return [noise, mixed].every((some) => code(() => readImage(some)).startsWith('image/'));
      }),
    );
  });
});

describe('signing', () => {
  it.each([
    ['a program that does not fit its slot', { slot: { ...DEFAULT_SLOT, size: 512 } }, 'image/size'],
    ['a program without room for the header', { padHeader: false }, 'image/option'],
    ['an alignment that no flash has', { slot: { ...DEFAULT_SLOT, size: 4096, align: 3 } }, 'image/option'],
    [
      'an entry of a type that is not free',
      { custom: [{ type: 0x50, value: new Uint8Array() }] },
      'image/option',
    ],
    ['both RAM and a place in flash', { loadAddress: 1, romFixed: 2 }, 'image/option'],
    ['a security counter of more than 32 bits', { securityCounter: 2 ** 32 }, 'image/option'],
  ] as const)('refuses %s', (_, changed, expected) => {
    expect(code(() => signImage(PROGRAM, options(ed25519, changed)))).toBe(expected);
  });

  it('refuses SHA-512 for ECDSA P-256', () => {
    expect(code(() => signImage(PROGRAM, options(ecdsa, { sha: 'sha512' })))).toBe('image/option');
  });
});

describe('versions', () => {
  it('keep their order and their text', () => {
    expect(['2', '2.1', '2.1.7', '2.1.7+33'].map((text) => formatVersion(parseVersion(text)))).toEqual([
      '2.0.0',
      '2.1.0',
      '2.1.7',
      '2.1.7+33',
    ]);
    const order = ['1.9.9', '2.0.0', '2.0.1', '2.1.0', '2.1.0+1', '10.0.0'].map(parseVersion);
    expect([...order].reverse().sort(compareVersions)).toEqual(order);
  });

  it.each(['', 'v1', '1.2.3.4', '256', '1.256', '1.1.65536', '1+2', '-1'])('refuse "%s"', (text) => {
    expect(code(() => parseVersion(text))).toBe('image/option');
  });
});
