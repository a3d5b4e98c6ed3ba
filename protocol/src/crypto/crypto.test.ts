import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { codeOf, keyFromSeed, keyOf } from '../test-support/index.js';
import { ALG, equalSecret, hmac256, PrivateKey, PublicKey, sha256 } from './index.js';
import { readPrivateKeyPem, writePrivateKeyPem } from './pem.js';

const ed25519 = (x: Uint8Array): PublicKey =>
  PublicKey.fromCoordinates({ algorithm: ALG.EdDSA, x, y: undefined });

/** Little-endian, 32 bytes. */
function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

describe('Ed25519', () => {
  // RFC 8032 §7.1, TEST 1 to 3
  const vectors = [
    {
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ].map((vector) => ({ ...vector, name: vector.message || 'the empty message' }));

  it.each(vectors)('signs and verifies as RFC 8032 says: $name', ({ seed, key, message, signature }) => {
    const signer = keyFromSeed(fromHex(seed));
    expect(toHex(signer.publicKey.x)).toBe(key);
    expect(toHex(signer.sign(fromHex(message)))).toBe(signature);
    expect(ed25519(fromHex(key)).verify(fromHex(message), fromHex(signature))).toBe(true);
    expect(ed25519(fromHex(key)).verify(fromHex(`${message}00`), fromHex(signature))).toBe(false);
  });

  it('takes no second form of a signature: S plus the group order does not verify', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const [vector] = vectors;
    const signature = fromHex(vector?.signature ?? '');
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`);
    const forged = concat(signature.slice(0, 32), littleEndian(s + order));
    expect(ed25519(fromHex(vector?.key ?? '')).verify(new Uint8Array(), forged)).toBe(false);
  });

  it('answers false to a signature of the wrong length', () => {
    const key = keyOf('any');
    const signature = key.sign(new Uint8Array());
    for (const wrong of [new Uint8Array(), signature.subarray(1), concat(signature, Uint8Array.of(0))]) {
      expect(key.publicKey.verify(new Uint8Array(), wrong)).toBe(false);
    }
  });
});

describe('Ed25519 keys that anyone can sign for', () => {
  const p = 2n ** 255n - 19n;
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let b = base % p, e = exponent; e > 0n; e >>= 1n, b = (b * b) % p)
      if (e & 1n) result = (result * b) % p;
    return result;
  };
  const root = (square: bigint): bigint | undefined => {
    const candidate = power(square, (p + 3n) / 8n);
    return [candidate, (candidate * power(2n, (p - 1n) / 4n)) % p].find((r) => (r * r - square) % p === 0n);
  };
  const inverse = (value: bigint): bigint => power(value, p - 2n);

  /**
   * y of all points whose order divides 8, from the curve -x² + y² = 1 + dx²y²: doubling a point of order 8
   * gives y = 0, hence x² = -y² and d·y⁴ + 2y² - 1 = 0.
   */
  function smallOrder(): bigint[] {
    const d = (p - 121_665n) * inverse(121_666n);
    const discriminant = root((1n + d) % p) ?? 0n;
    const squares = [discriminant, p - discriminant].map((r) => (((p - 1n + r) % p) * inverse(d % p)) % p);
    const order8 = squares.map(root).filter((y) => y !== undefined);
    return [0n, 1n, p - 1n, ...order8.flatMap((y) => [y, p - y])];
  }

  const withSign = (y: bigint): Uint8Array[] => [littleEndian(y), littleEndian(y + 2n ** 255n)];

  it('are refused: the points of small order, under either sign bit', () => {
    const ys = smallOrder();
    expect(new Set(ys).size).toBe(5);
    expect(ys.flatMap(withSign).map((x) => codeOf(() => ed25519(x)))).toEqual(
      Array.from({ length: 10 }, () => 'cose/weak-key'),
    );
  });

  it('are refused: every y from p to 2^255 - 1, a second name for a smaller one', () => {
    for (let y = p; y < 2n ** 255n; y++) {
      expect(withSign(y).map((x) => codeOf(() => ed25519(x)))).toEqual(['cose/weak-key', 'cose/weak-key']);
    }
  });

  it('leave their canonical neighbours alone', () => {
    expect(codeOf(() => ed25519(littleEndian(p - 2n)))).toBe('accepted');
    expect(codeOf(() => ed25519(littleEndian(2n)))).toBe('accepted');
  });
});

describe('ES256', () => {
  const key = PrivateKey.generate(ALG.ES256);
  const { x, y } = key.publicKey;

  it('signs in 64 bytes and verifies', () => {
    const signature = key.sign(Uint8Array.of(1));
    expect(signature).toHaveLength(64);
    expect(key.publicKey.verify(Uint8Array.of(1), signature)).toBe(true);
    expect(key.publicKey.verify(Uint8Array.of(2), signature)).toBe(false);
  });

  it('refuses a point that is not on the curve', () => {
    const off = Uint8Array.from(y ?? []);
    off[31] = (off[31] ?? 0) ^ 1;
    expect(codeOf(() => PublicKey.fromCoordinates({ algorithm: ALG.ES256, x, y: off }))).toBe('cose/key');
  });

  it('refuses coordinates that are missing or of the wrong length', () => {
    const es256 = (a: Uint8Array, b: Uint8Array | undefined): string =>
      codeOf(() => PublicKey.fromCoordinates({ algorithm: ALG.ES256, x: a, y: b }));
    expect([es256(x, undefined), es256(x, x.subarray(1)), es256(x.subarray(1), y)]).toEqual([
      'cose/key',
      'cose/key',
      'cose/key',
    ]);
    expect(codeOf(() => ed25519(new Uint8Array(31).fill(7)))).toBe('cose/key');
  });
});

describe('private keys', () => {
  it.each([ALG.EdDSA, ALG.ES256])(
    'come back from PEM the same, with a passphrase or without (%d)',
    (algorithm) => {
      const key = PrivateKey.generate(algorithm);
      expect(readPrivateKeyPem(writePrivateKeyPem(key)).publicKey.x).toEqual(key.publicKey.x);
      expect(readPrivateKeyPem(writePrivateKeyPem(key, 'secret'), 'secret').publicKey.x).toEqual(
        key.publicKey.x,
      );
      expect(codeOf(() => readPrivateKeyPem(writePrivateKeyPem(key, 'secret'), 'wrong'))).toBe('cose/key');
    },
  );

  it('are refused when they are no key at all', () => {
    expect(codeOf(() => readPrivateKeyPem('no key'))).toBe('cose/key');
  });
});

describe('HMAC and comparison', () => {
  it('agrees with RFC 4231, test case 2', () => {
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    expect(toHex(hmac256(text('Jefe'), text('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('compares secrets of different length without throwing', () => {
    expect(equalSecret(Uint8Array.of(1), Uint8Array.of(1))).toBe(true);
    expect(equalSecret(Uint8Array.of(1), Uint8Array.of(2))).toBe(false);
    expect(equalSecret(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
  });

  it('hashes as FIPS 180-4 says', () => {
    expect(toHex(sha256(new TextEncoder().encode('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
