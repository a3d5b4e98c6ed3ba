/** CBOR in its two profiles, COSE messages and COSE keys (SPEC.md, CBOR, Keys and COSE). */
import { decodeLenient, decodeStrict, encode, Fields } from '../../cbor/index.js';
import {
  decodeCose,
  fromCoseKey,
  KID_BYTES,
  keyThumbprint,
  verifyMac0,
  verifySign1,
} from '../../cose/index.js';
import { ALG } from '../../crypto/index.js';
import type { Verify } from './verify.js';

export const cbor: Verify = (bytes, context) =>
  context.text('profile') === 'strict' ? decodeStrict(bytes) : decodeLenient(bytes);

/** `context.payload` is what travels elsewhere. */
export const cose: Verify = (bytes, context) => {
  const aad = encode(['timeband', 1, context.text('purpose'), context.text('site')]);
  const detached = context.has('payload') ? context.bytes('payload') : undefined;
  const message = decodeCose(bytes);
  if (context.algorithm('key') !== ALG.HMAC256) {
    return verifySign1(message, context.publicKey('key'), aad, detached);
  }
  const kid = context.thumbprint('key').subarray(0, KID_BYTES);
  return verifyMac0(message, context.secret('key'), kid, aad, detached);
};

export const coseKey: Verify = (bytes) => {
  const key = fromCoseKey(Fields.of(decodeStrict(bytes), 'key'));
  return { algorithm: key.algorithm, x: key.x, y: key.y, thumbprint: keyThumbprint(key) };
};
