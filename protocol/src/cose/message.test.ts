import { describe, expect, it } from 'vitest';
import { concat, fromHex } from '../bytes.js';
import { decodeStrict, encode, entries, Fields, type CborMap, type CborValue } from '../cbor/index.js';
import { ALG, PrivateKey, PublicKey } from '../crypto/index.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { externalAad } from './aad.js';
import { fromCoseKey, keyId, keyThumbprint, toCoseKey } from './key.js';
import { decodeCose, mac0, sign1, verifyMac0, verifySign1 } from './message.js';

const key = keyOf('signer');
const other = keyOf('other');
const aad = externalAad('seal', 'dahaiyang');
const payload = new TextEncoder().encode('payload');

/** A message with some of its four parts replaced, its tag kept. */
function withParts(message: Uint8Array, change: (parts: CborValue[]) => CborValue): Uint8Array {
  const parts = decodeStrict(message.subarray(1)) as CborValue[];
  return concat(message.subarray(0, 1), encode(change([...parts])));
}

function header(...pairs: [number, CborValue][]): Uint8Array {
  return encode(entries(...pairs));
}

const verdict = (
  bytes: Uint8Array,
  under: PublicKey = key.publicKey,
  over = aad,
  detached?: Uint8Array,
): string => codeOf(() => verifySign1(decodeCose(bytes), under, over, detached));

describe('COSE_Sign1', () => {
  const message = sign1(key, aad, payload);

  it.each([ALG.EdDSA, ALG.ES256])('gives back the payload that was signed (algorithm %d)', (algorithm) => {
    const signer = PrivateKey.generate(algorithm);
    const signed = verifySign1(decodeCose(sign1(signer, aad, payload)), signer.publicKey, aad);
    expect(Buffer.from(signed).toString()).toBe('payload');
  });

  it('signs what RFC 9052 §4.4 says', () => {
    // RFC 9052, Appendix C.2.1: the Sig_structure of a single ECDSA signature, checked with key "11".
    const publisher = PublicKey.fromCoordinates({
      algorithm: ALG.ES256,
      x: fromHex('bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff'),
      y: fromHex('20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e'),
    });
    const content = new TextEncoder().encode('This is the content.');
    const signature = fromHex(
      '8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36',
    );
    const structure = encode(['Signature1', fromHex('a10126'), new Uint8Array(), content]);
    expect(publisher.verify(structure, signature)).toBe(true);
  });

  it('refuses the published example all the same: its kid stands in the unprotected header', () => {
    const example = fromHex(
      'd28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36',
    );
    expect(codeOf(() => decodeCose(example))).toBe('cbor/shape');
  });

  it('refuses another key, another purpose and another site', () => {
    expect(verdict(message)).toBe('accepted');
    expect(verdict(message, other.publicKey)).toBe('cose/kid');
    expect(verdict(message, key.publicKey, externalAad('ack', 'dahaiyang'))).toBe('cose/signature');
    expect(verdict(message, key.publicKey, externalAad('seal', 'xiaohaiyang'))).toBe('cose/signature');
  });

  it('takes the algorithm from the key: a header that names another is refused', () => {
    const claim = (algorithm: number): Uint8Array =>
      withParts(message, ([, ...rest]) => [header([1, algorithm], [4, keyId(key.publicKey)]), ...rest]);
    expect(verdict(claim(ALG.ES256))).toBe('cose/algorithm');
    expect(verdict(claim(ALG.HMAC256))).toBe('cose/algorithm');
    expect(verdict(message, PrivateKey.generate(ALG.ES256).publicKey)).toBe('cose/algorithm');
  });

  it('refuses a kid that names the key but was not signed', () => {
    const forged = withParts(sign1(other, aad, payload), ([, ...rest]) => [
      header([1, ALG.EdDSA], [4, keyId(key.publicKey)]),
      ...rest,
    ]);
    expect(verdict(forged)).toBe('cose/signature');
  });

  it('refuses a signature of any other length than 64 bytes', () => {
    for (const length of [0, 63, 65]) {
      const cut = withParts(message, (parts) => [...parts.slice(0, 3), new Uint8Array(length)]);
      expect(verdict(cut)).toBe('cose/signature');
    }
  });

  it('refuses any flipped bit', () => {
    for (let i = 0; i < message.length; i++) {
      const flipped = Uint8Array.from(message);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      expect(verdict(flipped)).toMatch(/^(cbor|cose)\//);
    }
  });

  it('refuses unprotected parameters beside an attached payload', () => {
    const extra = withParts(message, ([a, , c, d]) => [
      a ?? null,
      entries([4, payload]),
      c ?? null,
      d ?? null,
    ]);
    expect(verdict(extra)).toBe('cose/structure');
  });

  it('refuses critical parameters, since it knows none', () => {
    const critical = header([1, ALG.EdDSA], [2, [99]], [4, keyId(key.publicKey)]);
    expect(verdict(withParts(message, ([, ...rest]) => [critical, ...rest]))).toBe('cose/structure');
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'cose/structure'],
    ['a message without its tag', message.subarray(1), 'cose/structure'],
    ['a tag in its longer form', concat(Uint8Array.of(0xd8, 18), message.subarray(1)), 'cose/structure'],
    ['an array of three', withParts(message, (parts) => parts.slice(1)), 'cose/structure'],
    ['a map', withParts(message, () => new Map()), 'cose/structure'],
    [
      'a protected header that is a map',
      withParts(message, ([, ...r]) => [new Map(), ...r]),
      'cose/structure',
    ],
    [
      'an unprotected header that is none',
      withParts(message, ([a, , ...r]) => [a ?? 0, [], ...r]),
      'cose/structure',
    ],
    [
      'a payload that is text',
      withParts(message, ([a, b, , d]) => [a ?? 0, b ?? 0, 'x', d ?? 0]),
      'cose/structure',
    ],
    [
      'an empty protected header',
      withParts(message, ([, ...r]) => [new Uint8Array(), ...r]),
      'cbor/truncated',
    ],
    [
      'a kid of two bytes',
      withParts(message, ([, ...r]) => [header([1, -8], [4, payload.subarray(2)]), ...r]),
      'cbor/shape',
    ],
  ])('refuses %s', (_, bytes, code) => {
    expect(codeOf(() => decodeCose(bytes))).toBe(code);
  });

  it('keeps attached and detached payloads apart', () => {
    const detached = sign1(key, aad, payload, { detached: true });
    expect(verdict(detached, key.publicKey, aad, payload)).toBe('accepted');
    expect(verdict(detached, key.publicKey, aad, Uint8Array.of(1))).toBe('cose/signature');
    expect(verdict(detached)).toBe('cose/structure');
    expect(verdict(message, key.publicKey, aad, payload)).toBe('cose/structure');
  });
});

describe('COSE_Mac0', () => {
  const secret = new Uint8Array(32).fill(7);
  const kid = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const message = mac0(secret, kid, aad, payload);
  const judge = (bytes: Uint8Array, under = secret, over = aad, by = kid): string =>
    codeOf(() => verifyMac0(decodeCose(bytes), under, by, over));

  it('gives back the payload that was authenticated', () => {
    expect(Buffer.from(verifyMac0(decodeCose(message), secret, kid, aad)).toString()).toBe('payload');
  });

  it('refuses another secret, kid and purpose, and a MAC cut short', () => {
    expect(judge(message, new Uint8Array(32))).toBe('cose/proof');
    expect(judge(message, secret, externalAad('ack', 'dahaiyang'))).toBe('cose/proof');
    expect(judge(message, secret, aad, Uint8Array.from(kid).reverse())).toBe('cose/kid');
    expect(judge(withParts(message, (parts) => [...parts.slice(0, 3), new Uint8Array(8)]))).toBe(
      'cose/proof',
    );
    expect(judge(withParts(message, ([, ...rest]) => [header([1, 4], [4, kid]), ...rest]))).toBe(
      'cose/algorithm',
    );
  });

  it('is never taken for a signature, nor a signature for it', () => {
    expect(verdict(message)).toBe('cose/structure');
    expect(judge(sign1(key, aad, payload))).toBe('cose/structure');
    const retagged = Uint8Array.from(sign1(key, aad, payload));
    retagged[0] = 0xd1;
    expect(judge(retagged)).toBe('cose/algorithm');
  });
});

describe('COSE keys', () => {
  const read = (map: CborMap): string => codeOf(() => fromCoseKey(Fields.of(map, 'key')));

  it('have the thumbprint of RFC 9679 §6', () => {
    const example = {
      algorithm: ALG.ES256,
      x: fromHex('65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d'),
      y: fromHex('1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c'),
    };
    const expected = '496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec';
    expect(Buffer.from(keyThumbprint(example)).toString('hex')).toBe(expected);
    expect(Buffer.from(keyId(example)).toString('hex')).toBe(expected.slice(0, 16));
  });

  it.each([ALG.EdDSA, ALG.ES256])('come back the same (algorithm %d)', (algorithm) => {
    const { publicKey } = PrivateKey.generate(algorithm);
    const back = fromCoseKey(Fields.of(decodeStrict(encode(toCoseKey(publicKey))), 'key'));
    expect(keyThumbprint(back)).toEqual(keyThumbprint(publicKey));
  });

  it('are refused where type, curve and algorithm do not belong together', () => {
    const { x } = key.publicKey;
    expect(read(entries([1, 1], [3, -8], [-1, 6], [-2, x]))).toBe('accepted');
    expect(read(entries([1, 2], [3, -8], [-1, 6], [-2, x]))).toBe('cose/key');
    expect(read(entries([1, 1], [3, -8], [-1, 4], [-2, x]))).toBe('cose/key');
    expect(read(entries([1, 1], [3, -7], [-1, 6], [-2, x]))).toBe('cose/key');
    expect(read(entries([1, 1], [3, -47], [-1, 6], [-2, x]))).toBe('cose/algorithm');
    expect(read(entries([1, 1], [3, -8], [-1, 6], [-2, x.subarray(1)]))).toBe('cbor/shape');
    expect(read(entries([1, 1], [3, -8], [-1, 6], [-2, new Uint8Array(32)]))).toBe('cose/weak-key');
  });
});
