import { describe, expect, it } from 'vitest';
import { equalBytes, toHex } from '../bytes.js';
import { decodeStrict, encode, type CborMap, type CborValue } from '../cbor/index.js';
import { externalAad, sign1 } from '../cose/index.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { signHead, verifyConsistency, verifyHead } from './head.js';
import { certificate, certify, GATEWAY, ISSUED, key, SITE, SomeLog } from './receipt.test.support.js';

const log = new SomeLog(21);

const flips = (bytes: Uint8Array): Uint8Array[] =>
  Array.from(bytes, (_, i) => bytes.map((byte, at) => (at === i ? byte ^ (1 << (i % 8)) : byte)));

describe('a tree head', () => {
  it('says whose log it is, how long, and its root', () => {
    const { root, ...claims } = verifyHead(log.head(21), certificate);
    expect(claims).toEqual({ site: SITE, gateway: GATEWAY, epoch: 1, size: 21, issued: ISSUED });
    expect(toHex(root)).toBe(toHex(log.claims(21).root));
  });

  it('is refused with any flipped bit', () => {
    for (const flipped of flips(log.head(21))) {
      expect(codeOf(() => verifyHead(flipped, certificate))).toMatch(/^receipt\/(shape|signature)$/);
    }
  });

  it('is refused under a certificate that was not valid when it was signed, or is of another gateway', () => {
    const verdict = (head: Uint8Array, by = certificate): string => codeOf(() => verifyHead(head, by));
    const at = (issued: number): Uint8Array => signHead(key, { ...log.claims(3), issued });
    expect(verdict(at(ISSUED - 1_001))).toBe('receipt/signature');
    expect(verdict(at(ISSUED + 1_000))).toBe('receipt/signature');
    expect(verdict(at(ISSUED + 999))).toBe('accepted');
    expect(verdict(log.head(3), certify('gw-2', key))).toBe('receipt/signature');
    expect(verdict(log.head(3, keyOf('stranger')))).toBe('receipt/signature');
  });

  it('is refused when it is no head: a signature for a commit, a receipt, a root of another length', () => {
    const commit = sign1(key, externalAad('event', SITE), new Uint8Array(32), {
      protectedExtra: [[395, 1]],
    });
    const short = signHead(key, { ...log.claims(3), root: new Uint8Array(31) });
    const empty = signHead(key, { ...log.claims(3), size: 0 });
    for (const bad of [commit, log.receipt(1, 3), short, empty, new Uint8Array()]) {
      expect(codeOf(() => verifyHead(bad, certificate))).toBe('receipt/shape');
    }
  });
});

describe('a receipt of consistency', () => {
  it('shows that a later log continues an earlier one, and yields its head', () => {
    for (const earlier of [1, 2, 7, 8, 20, 21]) {
      const later = verifyConsistency(log.claims(earlier), log.consistency(earlier, 21), certificate);
      expect(toHex(later.root)).toBe(toHex(log.claims(21).root));
    }
  });

  it('cannot be made for a log from which an event was taken, or in which one was changed', () => {
    const rewritten = new SomeLog(21, { minutes: 500 });
    for (const earlier of [1, 7, 8, 20, 21]) {
      expect(
        codeOf(() => verifyConsistency(rewritten.claims(earlier), log.consistency(earlier, 21), certificate)),
      ).toMatch(/^receipt\/(proof|signature)$/);
    }
  });

  it('is refused with any flipped bit', () => {
    for (const flipped of flips(log.consistency(7, 21))) {
      expect(codeOf(() => verifyConsistency(log.claims(7), flipped, certificate))).toMatch(/^receipt\//);
    }
  });

  it('is refused between heads of other logs, sizes and epochs', () => {
    const verdict = (changed: object): string =>
      codeOf(() => verifyConsistency({ ...log.claims(7), ...changed }, log.consistency(7, 21), certificate));
    expect(verdict({})).toBe('accepted');
    for (const changed of [{ site: 'x' }, { gateway: 'x' }, { epoch: 2 }, { size: 8 }]) {
      expect(verdict(changed)).toBe('receipt/proof');
    }
  });
});

describe('a receipt', () => {
  it('bears the signature of the published head, so that everyone is shown the same log', () => {
    const head = log.head(21);
    const partsOf = (bytes: Uint8Array): CborValue[] => decodeStrict(bytes.subarray(1)) as CborValue[];
    const [protectedBytes, , , signature] = partsOf(log.receipt(5, 21, head)) as Uint8Array[];
    const [headProtected, , , headSignature] = partsOf(head) as Uint8Array[];
    expect(equalBytes(protectedBytes ?? head, headProtected ?? new Uint8Array())).toBe(true);
    expect(equalBytes(signature ?? head, headSignature ?? new Uint8Array())).toBe(true);
  });

  it('has the header parameters of RFC 9942', () => {
    const receipt = log.receipt(1, 1);
    expect(receipt[0]).toBe(0xd2);
    const [protectedBytes, unprotected = null, payload] = decodeStrict(receipt.subarray(1)) as CborValue[];
    expect((decodeStrict(protectedBytes as Uint8Array) as CborMap).get(395)).toBe(1);
    expect(toHex(encode(unprotected))).toBe(`a119018ca1208144${toHex(encode([1, 0, []]))}`);
    expect(payload).toBeNull();
  });
});
