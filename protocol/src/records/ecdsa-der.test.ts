import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { bytesOf, codeOf } from '../test-support/index.js';
import { toDer } from '../test-support/authenticator.js';
import { signatureFromDer } from './ecdsa-der.js';

describe('an ECDSA signature in DER', () => {
  it('becomes r ‖ s, 64 bytes', () => {
    fc.assert(
      fc.property(bytesOf(64), (signature) => {
        expect(toHex(signatureFromDer(toDer(signature)))).toBe(toHex(signature));
      }),
    );
  });

  const rest = `0220${'11'.repeat(32)}`;
  it.each([
    ['nothing', ''],
    ['another tag', '31060201010201ff'],
    ['a length beyond its end', '3007020101020101'],
    ['a length before its end', '3005020101020101'],
    ['the long form of a length', '308106020101020101'],
    ['an integer of no bytes', '30050200020101'],
    ['a negative integer', '3006020181020101'],
    ['padding that is not needed', '300702020001020101'],
    ['an integer of 33 bytes', `3045022101${'00'.repeat(32)}${rest}`],
    ['one integer only', '3003020101'],
    ['something after the integers', '30090201010201010500'],
    ['an integer that runs beyond the sequence', '3006020101020501'],
    ['something else than an integer', '3006030101020101'],
  ])('is refused with %s', (_, hex) => {
    expect(codeOf(() => signatureFromDer(fromHex(hex)))).toBe('cose/signature');
  });

  it('is refused with a code whatever the bytes', () => {
    fc.assert(
      fc.property(bytesOf(0, 80), (bytes) => {
        expect(codeOf(() => signatureFromDer(bytes))).toMatch(/^(accepted|cose\/signature)$/);
      }),
    );
  });
});
