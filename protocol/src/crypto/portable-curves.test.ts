import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import {
  about,
  agreed,
  bigEndian,
  littleEndian,
  node,
  P25519,
  P256_ORDER,
  P256_PRIME,
  portable,
  sized,
  upTo,
} from '../test-support/libraries.js';
import { ALG, type AgreementCurve } from './primitives.js';

describe('signatures', () => {
  const algorithms = fc.constantFrom(ALG.EdDSA, ALG.ES256);

  it('of either library verify under both, and damaged ones under neither', () => {
    fc.assert(
      fc.property(algorithms, sized(32), upTo(100), fc.nat(511), (algorithm, secret, message, bit) => {
        fc.pre(agreed((library) => library.importPrivate(algorithm, secret).coordinates.x) !== 'refused');
        const keys = [node.importPrivate(algorithm, secret), portable.importPrivate(algorithm, secret)];
        expect(
          new Set(keys.map(({ coordinates: { x, y } }) => toHex(concat(x, y ?? new Uint8Array())))).size,
        ).toBe(1);
        for (const { coordinates, sign } of keys) {
          const signature = sign(message);
          const damaged = Uint8Array.from(signature);
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const verdict = (given: Uint8Array): string =>
            agreed((library) => library.importPublic(coordinates)(message, given));
          expect([verdict(signature), verdict(damaged), verdict(signature.subarray(1))]).toEqual([
            'true',
            'false',
            'false',
          ]);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([ALG.EdDSA, ALG.ES256])('are made with keys that both take, or neither (%d)', (algorithm) => {
    const secrets = [0n, 1n, P256_ORDER - 1n, P256_ORDER, 2n ** 256n - 1n].map(bigEndian);
    for (const secret of [
      ...secrets,
      new Uint8Array(),
      new Uint8Array(31).fill(1),
      new Uint8Array(33).fill(1),
    ]) {
      agreed((library) => library.importPrivate(algorithm, secret).coordinates.x);
    }
    for (const library of [node, portable]) {
      const secret = library.generateSecret(algorithm);
      expect(secret).toHaveLength(32);
      agreed((other) => other.importPrivate(algorithm, secret).coordinates.x);
    }
  });

  it('by ES256 verify in both forms of S, and with no R or S out of range', () => {
    const { coordinates, sign } = portable.importPrivate(ALG.ES256, bigEndian(7n));
    const message = Uint8Array.of(1, 2, 3);
    const signature = sign(message);
    const r = signature.subarray(0, 32);
    const s = BigInt(`0x${toHex(signature.subarray(32))}`);
    const verdict = (given: Uint8Array): string =>
      agreed((library) => library.importPublic(coordinates)(message, given));
    expect(verdict(concat(r, bigEndian(s)))).toBe('true');
    expect(verdict(concat(r, bigEndian(P256_ORDER - s)))).toBe('true');
    for (const wrong of [0n, P256_ORDER, 2n ** 256n - 1n].map(bigEndian)) {
      expect(verdict(concat(r, wrong))).toBe('false');
      expect(verdict(concat(wrong, signature.subarray(32)))).toBe('false');
    }
  });

  it('by ES256 verify under no point off the curve', () => {
    const { x, y = new Uint8Array() } = portable.importPrivate(ALG.ES256, bigEndian(7n)).coordinates;
    const reduced = bigEndian(P256_PRIME + 5n);
    for (const [a, b] of [
      [y, x],
      [x, x],
      [reduced, y],
      [x, reduced],
      [bigEndian(0n), bigEndian(0n)],
      [x, undefined],
    ]) {
      const verdict = agreed((library) =>
        library.importPublic({ algorithm: ALG.ES256, x: a ?? x, y: b })(new Uint8Array(), new Uint8Array(64)),
      );
      expect(verdict).toBe('refused');
    }
  });
});

describe('key agreement', () => {
  const curves = fc.constantFrom<AgreementCurve>('X25519', 'P-256');

  it('comes to the same public keys and secrets, and refuses what is neither', () => {
    fc.assert(
      fc.property(curves, about(32), about(32), (curve, secret, peer) => {
        const own = agreed((library) => library.agreementPublic(curve, secret));
        agreed((library) => library.agree(curve, secret, peer)); // a random peer is often no point
        const theirs = agreed((library) => library.agreementPublic(curve, peer));
        if (own === 'refused' || theirs === 'refused') return;
        expect(agreed((library) => library.agree(curve, secret, fromHex(theirs)))).toBe(
          agreed((library) => library.agree(curve, peer, fromHex(own))),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('refuses X25519 keys of small order, which would make the secret known to everyone', () => {
    // RFC 7748 §6.1 has the result checked for zero; these are the u that lead there, and the same plus p.
    const order8 = [
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    ].map(fromHex);
    const integers = [0n, 1n, P25519 - 1n, P25519, P25519 + 1n].map(littleEndian);
    for (const u of [...integers, ...order8]) {
      expect(agreed((library) => library.agree('X25519', new Uint8Array(32).fill(5), u))).toBe('refused');
      const masked = Uint8Array.from(u);
      masked[31] = (masked[31] ?? 0) | 0x80;
      expect(agreed((library) => library.agree('X25519', new Uint8Array(32).fill(5), masked))).toBe(
        'refused',
      );
    }
  });

  it('takes X25519 keys that are not reduced, as RFC 7748 §5 demands', () => {
    const secret = new Uint8Array(32).fill(5);
    const reduced = agreed((library) => library.agree('X25519', secret, littleEndian(9n)));
    expect(agreed((library) => library.agree('X25519', secret, littleEndian(P25519 + 9n)))).toBe(reduced);
  });

  it('refuses P-256 keys that are no coordinate of a point', () => {
    const scalar = bigEndian(3n);
    for (const x of [P256_PRIME, P256_PRIME + 5n, 2n ** 256n - 1n, 1n]) {
      agreed((library) => library.agree('P-256', scalar, bigEndian(x)));
    }
    expect(agreed((library) => library.agree('P-256', scalar, bigEndian(P256_PRIME + 5n)))).toBe('refused');
    for (const secret of [0n, P256_ORDER, 2n ** 256n - 1n].map(bigEndian)) {
      const peer = portable.agreementPublic('P-256', scalar);
      expect(agreed((library) => library.agree('P-256', secret, peer))).toBe('refused');
      expect(agreed((library) => library.agreementPublic('P-256', secret))).toBe('refused');
    }
  });
});
