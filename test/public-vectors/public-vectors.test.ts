/** Other people's vectors against our code, and where our profile is stricter, why (SPEC.md, Stricter than the standards). */
import { readFileSync } from 'node:fs';
import {
  ALG,
  ccmOpen,
  decodeCose,
  decodeStrict,
  decryptCose0,
  encode,
  fromHex,
  hmac256,
  PublicKey,
  TimebandError,
  toHex,
  type CborValue,
} from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import {
  CCM_EXAMPLES,
  CCM_IV,
  COSE_KEYS,
  ED25519_EXAMPLES,
  ES256_EXAMPLES,
  MAC_EXAMPLES,
  PLAINTEXT,
  REASONS,
  type CoseExample,
} from './cose.js';
import { ECDSA_P256 } from './ecdsa.js';
import { ED25519 } from './ed25519.js';

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (error instanceof TimebandError) return error.code;
    throw error;
  }
}

const ed25519 = (x: string): PublicKey =>
  PublicKey.fromCoordinates({ algorithm: ALG.EdDSA, x: fromHex(x), y: undefined });
const p256 = (x: string, y: string): PublicKey =>
  PublicKey.fromCoordinates({ algorithm: ALG.ES256, x: fromHex(x), y: fromHex(y) });

describe('Wycheproof', () => {
  it.each(ED25519)('Ed25519 $tcId: $says', ({ key, message, signature, holds }) => {
    expect(ed25519(key).verify(fromHex(message), signature)).toBe(holds);
  });

  it.each(ECDSA_P256)('ECDSA P-256 $tcId: $says', ({ key: [x, y], message, signature, holds }) => {
    expect(p256(x, y).verify(fromHex(message), signature)).toBe(holds);
  });
});

describe('the COSE working group’s examples', () => {
  /** The parts that are authenticated, whatever the profile says of the whole. */
  const partsOf = ({ message, external }: CoseExample, context: 'Signature1' | 'MAC0') => {
    const array = message.findIndex((byte) => byte === 0x84);
    const [header, , payload, proof] = decodeStrict(message.subarray(array)) as Uint8Array[];
    const protectedBytes = header ?? message;
    // RFC 9052 §3: an empty map is authenticated as no bytes at all.
    const authenticated = toHex(protectedBytes) === 'a0' ? new Uint8Array() : protectedBytes;
    const input = encode([context, authenticated, external, payload ?? message] satisfies CborValue);
    return { input, proof: proof ?? message };
  };

  const signed = [
    ...ES256_EXAMPLES.map((example) => ({ ...example, key: p256(COSE_KEYS.es256.x, COSE_KEYS.es256.y) })),
    ...ED25519_EXAMPLES.map((example) => ({ ...example, key: ed25519(COSE_KEYS.ed25519) })),
  ];

  it.each(signed)('$id: the signature holds or not, as they say', ({ key, ...example }) => {
    const { input, proof } = partsOf(example, 'Signature1');
    expect(key.verify(input, proof)).toBe(example.holds);
  });

  it.each(MAC_EXAMPLES.filter(({ holds }) => holds !== undefined))(
    '$id: the MAC holds or not, as they say',
    (example) => {
      const { input, proof } = partsOf(example, 'MAC0');
      expect(toHex(hmac256(fromHex(COSE_KEYS.hmac), input)) === toHex(proof)).toBe(example.holds);
    },
  );

  it.each(CCM_EXAMPLES.filter(({ holds }) => holds !== undefined))(
    '$id: the ciphertext opens',
    ({ message, protectedBytes }) => {
      const ciphertext = message.subarray(-28);
      const aad = encode(['Encrypt0', protectedBytes, new Uint8Array()]);
      expect(ccmOpen(fromHex(COSE_KEYS.ccm), CCM_IV, aad, ciphertext, 8)).toEqual(PLAINTEXT);
    },
  );

  it.each([...ES256_EXAMPLES, ...ED25519_EXAMPLES, ...MAC_EXAMPLES])(
    '$id: outside of the profile ($refused.reason)',
    ({ message, refused }) => {
      expect(codeOf(() => decodeCose(message))).toBe(refused.code);
    },
  );

  it.each(CCM_EXAMPLES)('$id: outside of the profile ($refused.reason)', ({ message, refused }) => {
    const key = { key: fromHex(COSE_KEYS.ccm), iv: CCM_IV };
    expect(codeOf(() => decryptCose0(key, message, new Uint8Array()))).toBe(refused.code);
  });

  it('are refused for reasons that SPEC.md gives', () => {
    const spec = readFileSync(new URL('../../protocol/SPEC.md', import.meta.url), 'utf8');
    const [, section = ''] = spec.split('\n## Stricter than the standards\n');
    const rows = new Set([...section.matchAll(/^\| ([^|]*?) +\|/gm)].map(([, allowed]) => allowed));
    expect(Object.values(REASONS).filter((reason) => !rows.has(reason))).toEqual([]);
  });
});
