import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { node, portable } from '../test-support/libraries.js';
import { aesCmac, hkdfExpand, hkdfExtract } from './index.js';

describe('HKDF agrees with RFC 5869, Appendix A', () => {
  const counting = (from: number, to: number): Uint8Array =>
    Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it.each([
    {
      name: 'A.1: short inputs',
      secret: new Uint8Array(22).fill(0x0b),
      salt: counting(0, 0x0c),
      info: counting(0xf0, 0xf9),
      key: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
      out: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      name: 'A.2: long inputs',
      secret: counting(0, 0x4f),
      salt: counting(0x60, 0xaf),
      info: counting(0xb0, 0xff),
      key: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
      out:
        'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
        'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    },
    {
      name: 'A.3: neither salt nor info',
      secret: new Uint8Array(22).fill(0x0b),
      salt: new Uint8Array(),
      info: new Uint8Array(),
      key: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
      out: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ])('$name', ({ secret, salt, info, key, out }) => {
    expect(toHex(hkdfExtract(salt, secret))).toBe(key);
    expect(toHex(hkdfExpand(fromHex(key), info, out.length / 2))).toBe(out);
  });

  it('and gives no more than 255 blocks', () => {
    expect(hkdfExpand(new Uint8Array(32), new Uint8Array(), 8_160)).toHaveLength(8_160);
    expect(() => hkdfExpand(new Uint8Array(32), new Uint8Array(), 8_161)).toThrow(RangeError);
  });
});

describe('AES-CMAC agrees with RFC 4493 §4', () => {
  const key = fromHex('2b7e151628aed2a6abf7158809cf4f3c');
  const message = fromHex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
      '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  );

  it.each([
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ])('over %d bytes', (length, mac) => {
    expect(toHex(aesCmac(key, message.subarray(0, length)))).toBe(mac);
  });
});

describe.each([
  ['node:crypto', node],
  ['the portable library', portable],
])('%s agrees with', (_, library) => {
  it('RFC 7748 §6.1: X25519', () => {
    const [alice, bob] = [
      '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
      '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    ].map(fromHex) as [Uint8Array, Uint8Array];
    const publicKeys = [alice, bob].map((secret) => toHex(library.agreementPublic('X25519', secret)));
    expect(publicKeys).toEqual([
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    ]);
    expect(toHex(library.agree('X25519', alice, fromHex(publicKeys[1] ?? '')))).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('RFC 5903 §8.1: ECDH on P-256 by x alone', () => {
    const [i, r] = [
      'c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433',
      'c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53',
    ].map(fromHex) as [Uint8Array, Uint8Array];
    const publicKeys = [i, r].map((secret) => toHex(library.agreementPublic('P-256', secret)));
    expect(publicKeys).toEqual([
      'dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180',
      'd12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63',
    ]);
    const shared = 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de';
    expect(toHex(library.agree('P-256', i, fromHex(publicKeys[1] ?? '')))).toBe(shared);
    expect(toHex(library.agree('P-256', r, fromHex(publicKeys[0] ?? '')))).toBe(shared);
  });

  it.each([
    ['00000003020100a0a1a2a3a4a5', 23, '588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0'],
    ['00000004030201a0a1a2a3a4a5', 24, '72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916'],
    ['00000005040302a0a1a2a3a4a5', 25, '51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5'],
  ])('RFC 3610 §8: AES-CCM, nonce %s', (nonce, length, sealed) => {
    const key = fromHex('c0c1c2c3c4c5c6c7c8c9cacbcccdcecf');
    const aad = fromHex('0001020304050607');
    const plaintext = Uint8Array.from({ length }, (_, i) => 8 + i);
    expect(toHex(library.ccmSeal(key, fromHex(nonce), aad, plaintext, 8))).toBe(sealed);
    expect(library.ccmOpen(key, fromHex(nonce), aad, fromHex(sealed), 8)).toEqual(plaintext);
  });
});
