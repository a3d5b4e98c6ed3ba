import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { decodeCose, externalAad, sign1 } from '../cose/index.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { signAck, verifyAck, type Ack } from './ack.js';
import { signClock, verifyClock, type ClockDocument } from './clock.js';

const key = keyOf('gateway');
const ack: Ack = {
  logId: new Uint8Array(16).fill(1),
  upto: 5,
  hash: new Uint8Array(32).fill(2),
  site: 'dahaiyang',
  gateway: 'gw-1',
  revocations: 3,
  durability: 'city',
};
const clock: ClockDocument = {
  device: 'reader-1',
  nonce: new Uint8Array(8).fill(7),
  wall: 1_700_000_000,
  site: 'dahaiyang',
  gateway: 'gw-1',
};

describe('an ack', () => {
  const verdict = (bytes: Uint8Array, under = key.publicKey, site = 'dahaiyang'): string =>
    codeOf(() => verifyAck(decodeCose(bytes), under, site));

  it.each(['box', 'city'] as const)('comes back with what it says (durable on the %s)', (durability) => {
    const back = verifyAck(decodeCose(signAck(key, { ...ack, durability })), key.publicKey, 'dahaiyang');
    expect(back).toMatchObject({ upto: 5, site: 'dahaiyang', gateway: 'gw-1', revocations: 3, durability });
    expect([toHex(back.logId), toHex(back.hash)]).toEqual([toHex(ack.logId), toHex(ack.hash)]);
  });

  it('is refused from a stranger, for another site, and as another kind of document', () => {
    expect(verdict(signAck(key, ack))).toBe('accepted');
    expect(verdict(signAck(keyOf('stranger'), ack))).toBe('cose/kid');
    expect(verdict(signAck(key, { ...ack, site: 'xiaohaiyang' }))).toBe('cose/signature');
    expect(verdict(signClock(key, clock))).toBe('cose/signature');
  });

  it('is refused when it names another site than the one it is signed for', () => {
    const payload = decodeCose(signAck(key, { ...ack, site: 'xiaohaiyang' })).payload ?? new Uint8Array();
    expect(verdict(sign1(key, externalAad('ack', 'dahaiyang'), payload))).toBe('ack/refused');
  });

  it('counts a durability from a later version as the weaker one', () => {
    const payload = encode(
      entries([1, ack.logId], [2, 5], [3, ack.hash], [4, 'dahaiyang'], [5, 'gw-1'], [6, 0], [7, 9]),
    );
    const later = sign1(key, externalAad('ack', 'dahaiyang'), payload);
    expect(verifyAck(decodeCose(later), key.publicKey, 'dahaiyang').durability).toBe('box');
  });
});

describe('a clock document', () => {
  const verdict = (bytes: Uint8Array, under = key.publicKey, site = 'dahaiyang'): string =>
    codeOf(() => verifyClock(decodeCose(bytes), under, site));

  it.each([1_700_000_000, undefined])('comes back with what it says (time %s)', (wall) => {
    const back = verifyClock(decodeCose(signClock(key, { ...clock, wall })), key.publicKey, 'dahaiyang');
    expect({ ...back, nonce: toHex(back.nonce) }).toEqual({ ...clock, wall, nonce: toHex(clock.nonce) });
  });

  it('is refused from a stranger, for another site, and as another kind of document', () => {
    expect(verdict(signClock(key, clock))).toBe('accepted');
    expect(verdict(signClock(keyOf('stranger'), clock))).toBe('cose/kid');
    expect(verdict(signClock(key, clock), key.publicKey, 'xiaohaiyang')).toBe('cose/signature');
    expect(verdict(signAck(key, ack))).toBe('cose/signature');
  });

  it('is refused when it names another site than the one it is signed for', () => {
    const payload = decodeCose(signClock(key, { ...clock, site: 'xiaohaiyang' })).payload ?? new Uint8Array();
    expect(verdict(sign1(key, externalAad('clock', 'dahaiyang'), payload))).toBe('clock/refused');
  });

  it('is refused with a nonce of the wrong length', () => {
    expect(verdict(signClock(key, { ...clock, nonce: new Uint8Array(7) }))).toBe('cbor/shape');
  });
});
