import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { decodeCose, externalAad, sign1 } from '../cose/index.js';
import { sha256 } from '../crypto/index.js';
import { LogError } from '../errors.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { signAck } from './ack.js';
import { signSeal, verifySeal, type Seal } from './seal.js';

const key = keyOf('reader');
const seal: Seal = {
  logId: new Uint8Array(16).fill(1),
  first: 3,
  last: 5,
  hashBefore: new Uint8Array(32).fill(2),
  hashLast: new Uint8Array(32).fill(3),
  nonce: new Uint8Array(16).fill(4),
  boot: 6,
  uptime: 700,
  time: { quality: 'set', wall: 1_700_000_000, age: 8 },
};
const signed = signSeal(key, 'dahaiyang', seal);
const verdict = (bytes: Uint8Array, under = key.publicKey, site = 'dahaiyang'): string =>
  codeOf(() => verifySeal(bytes, under, site));

describe('a seal', () => {
  it('comes back with everything it states', () => {
    const { id, bytes, ...stated } = verifySeal(signed, key.publicKey, 'dahaiyang');
    expect(readable(stated)).toEqual(readable(seal));
    expect(bytes).toBe(signed);
    expect(toHex(id)).toBe(toHex(sha256(decodeCose(signed).payload ?? new Uint8Array())));
  });

  it('has an id that does not depend on the signature', () => {
    const otherKey = keyOf('another');
    const again = verifySeal(signSeal(otherKey, 'dahaiyang', seal), otherKey.publicKey, 'dahaiyang');
    expect(toHex(again.id)).toBe(toHex(verifySeal(signed, key.publicKey, 'dahaiyang').id));
  });

  it('may cover nothing, when every record is acked', () => {
    expect(verdict(signSeal(key, 'dahaiyang', { ...seal, first: 6, last: 5 }))).toBe('accepted');
  });

  it('is refused under another key, at another site, and with any flipped bit', () => {
    expect(verdict(signed)).toBe('accepted');
    expect(verdict(signed, keyOf('another').publicKey)).toBe('seal/signature');
    expect(verdict(signed, key.publicKey, 'xiaohaiyang')).toBe('seal/signature');
    for (let i = 0; i < signed.length; i++) {
      const flipped = Uint8Array.from(signed);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      expect(() => verifySeal(flipped, key.publicKey, 'dahaiyang')).toThrow(LogError);
    }
  });

  it('is not anything else that the same key signed', () => {
    const ack = signAck(key, {
      ...{ logId: seal.logId, upto: 5, hash: seal.hashLast, site: 'dahaiyang', gateway: 'gw-1' },
      ...{ revocations: 0, durability: 'box' },
    });
    expect(verdict(ack)).toBe('seal/signature');
  });

  it('is refused when it covers no possible range', () => {
    expect(verdict(signSeal(key, 'dahaiyang', { ...seal, first: 0 }))).toBe('seal/range');
    expect(verdict(signSeal(key, 'dahaiyang', { ...seal, first: 7 }))).toBe('seal/range');
  });

  it('is refused when its device signed something of another shape', () => {
    const odd = sign1(key, externalAad('seal', 'dahaiyang'), encode(entries([1, 'no log id'])));
    expect(verdict(odd)).toBe('cbor/shape');
  });
});

/** Byte strings as hex, so that views of different classes compare equal. */
function readable(value: Seal): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      field instanceof Uint8Array ? toHex(field) : (field as unknown),
    ]),
  );
}
