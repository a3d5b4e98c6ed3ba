/** COSE messages and keys in the profile, and what falls outside of it. */
import { concat, fromHex } from '../../bytes.js';
import { encode, entries, type CborMap, type CborValue } from '../../cbor/index.js';
import { coseKeyLabel, coseLabel } from '../../cbor-text/index.js';
import {
  externalAad,
  keyId,
  keyThumbprint,
  mac0,
  sign1,
  symmetricThumbprint,
  toCoseKey,
} from '../../cose/index.js';
import type { PrivateKey } from '../../crypto/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';
import { keys, secrets, site } from './scene.js';

const payload = fromHex('a10102');
const aad = externalAad('seal', site);
const about = (key: string, more: Readonly<Record<string, unknown>> = {}) => ({
  label: coseLabel(),
  context: { key, purpose: 'seal', site, ...more },
});

/** A message of the given parts, signed as it stands: for headers that the profile does not make. */
function signed(
  key: PrivateKey,
  protectedHeader: CborMap,
  unprotected: CborMap = new Map(),
  content: CborValue = payload,
): Uint8Array {
  const header = encode(protectedHeader);
  const signature = key.sign(encode(['Signature1', header, aad, payload]));
  return concat(Uint8Array.of(0xd2), encode([header, unprotected, content, signature]));
}

const kid = keyId(keys.reader.publicKey);
const macKid = symmetricThumbprint(secrets.macBand).subarray(0, 8);
const good = sign1(keys.reader, aad, payload);
const goodP256 = sign1(keys.p256, aad, payload);
const goodMac = mac0(secrets.macBand, macKid, aad, payload);

/** The same bytes with one of the last changed. */
export function damaged(bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[out.length - 1] = (out.at(-1) ?? 0) ^ 1;
  return out;
}

const messages = (): VectorCase[] => [
  valid('a COSE_Sign1 with Ed25519', good, payload, about('reader')),
  valid('a COSE_Sign1 with ES256', goodP256, payload, about('p256')),
  valid('a COSE_Mac0 with HMAC 256/256', goodMac, payload, {
    ...about('macBand'),
    label: coseLabel({}, 'MAC'),
  }),
  valid(
    'a COSE_Sign1 with its payload detached',
    sign1(keys.reader, aad, payload, { detached: true }),
    payload,
    about('reader', { payload }),
  ),
  invalid('no tag', good.subarray(1), 'cose/structure', about('reader')),
  invalid(
    'another tag: COSE_Sign',
    concat(fromHex('d862'), good.subarray(1)),
    'cose/structure',
    about('reader'),
  ),
  invalid(
    'an array of three',
    concat(Uint8Array.of(0xd2), encode([encode(entries([1, -8], [4, kid])), new Map(), payload])),
    'cose/structure',
    about('reader'),
  ),
  invalid('a detached payload where one is attached', good, 'cose/structure', about('reader', { payload })),
  invalid(
    'a critical parameter',
    signed(keys.reader, entries([1, -8], [2, [4]], [4, kid])),
    'cose/structure',
    about('reader'),
  ),
  invalid(
    'an unprotected parameter',
    signed(keys.reader, entries([1, -8], [4, kid]), entries([5, 0])),
    'cose/structure',
    about('reader'),
  ),
  invalid(
    'alg unprotected',
    signed(keys.reader, entries([4, kid]), entries([1, -8])),
    'cbor/shape',
    about('reader'),
  ),
  invalid('a MAC where the key signs', goodMac, 'cose/structure', about('reader')),
  invalid('a signature where the key makes MACs', good, 'cose/structure', about('macBand')),
  invalid(
    'the algorithm of another key',
    signed(keys.reader, entries([1, -7], [4, kid])),
    'cose/algorithm',
    about('reader'),
  ),
  invalid('another key', good, 'cose/kid', about('gateway')),
  invalid('a signature with one bit changed', damaged(good), 'cose/signature', about('reader')),
  invalid('an ES256 signature with one bit changed', damaged(goodP256), 'cose/signature', about('p256')),
  invalid('a signature for another site', good, 'cose/signature', about('reader', { site: 'xiaohaiyang' })),
  invalid('a signature for another purpose', good, 'cose/signature', about('reader', { purpose: 'ack' })),
  invalid('a MAC with one bit changed', damaged(goodMac), 'cose/proof', {
    ...about('macBand'),
    label: coseLabel({}, 'MAC'),
  }),
];

export const cose = (): VectorFile =>
  vectorFile(
    {
      structure: 'cose',
      section: 'Keys and COSE',
      about:
        'COSE_Sign1 and COSE_Mac0 under a key, a purpose and a site. The context may hold a detached payload.',
    },
    { reader: keys.reader, gateway: keys.gateway, p256: keys.p256, macBand: secrets.macBand },
    messages(),
  );

const P256_OFF_CURVE = fromHex(`${'00'.repeat(31)}01`);

function keyCase(name: string, key: PrivateKey): VectorCase {
  const { algorithm, x, y } = key.publicKey;
  const thumbprint = keyThumbprint(key.publicKey);
  return valid(
    name,
    encode(toCoseKey(key.publicKey)),
    { algorithm, x, y, thumbprint },
    { label: coseKeyLabel },
  );
}

export const coseKeys = (): VectorFile => {
  const { x } = keys.reader.publicKey;
  const ed25519 = (point: Uint8Array): Uint8Array => encode(entries([1, 1], [3, -8], [-1, 6], [-2, point]));
  const label = { label: coseKeyLabel };
  return vectorFile(
    { structure: 'cose-key', section: 'Keys and COSE', about: 'Public keys as they stand in certificates.' },
    {},
    [
      keyCase('an Ed25519 key', keys.reader),
      keyCase('a P-256 key', keys.p256),
      invalid(
        'the type of another curve',
        encode(entries([1, 2], [3, -8], [-1, 6], [-2, x])),
        'cose/key',
        label,
      ),
      invalid(
        'another algorithm',
        encode(entries([1, 1], [3, -47], [-1, 6], [-2, x])),
        'cose/algorithm',
        label,
      ),
      invalid(
        'a P-256 point off the curve',
        encode(entries([1, 2], [3, -7], [-1, 1], [-2, P256_OFF_CURVE], [-3, P256_OFF_CURVE])),
        'cose/key',
        label,
      ),
      invalid(
        'an Ed25519 key of order one',
        ed25519(fromHex(`01${'00'.repeat(31)}`)),
        'cose/weak-key',
        label,
      ),
      invalid(
        'an Ed25519 key of order two',
        ed25519(fromHex(`ec${'ff'.repeat(30)}7f`)),
        'cose/weak-key',
        label,
      ),
      invalid('an Ed25519 key of order four', ed25519(new Uint8Array(32)), 'cose/weak-key', label),
      invalid(
        'an Ed25519 key of order eight',
        ed25519(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')),
        'cose/weak-key',
        label,
      ),
      invalid(
        'an Ed25519 key whose y is not below the field',
        ed25519(fromHex(`f0${'ff'.repeat(30)}7f`)),
        'cose/weak-key',
        label,
      ),
    ],
  );
};
