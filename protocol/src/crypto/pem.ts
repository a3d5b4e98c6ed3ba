/** Private keys in PEM, as they lie in files. Only on Node: a browser holds no keys of ours. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { concat, fromHex } from '../bytes.js';
import { CoseError } from '../errors.js';
import { PrivateKey } from './keys.js';
import { ALG } from './primitives.js';

const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420'); // RFC 8410 §7

/** Reads PKCS#8 PEM, encrypted or not. @throws CoseError `cose/key` */
export function readPrivateKeyPem(pem: string, passphrase?: string): PrivateKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch {
    throw new CoseError('cose/key', 'not a private key in PEM form, or the passphrase is wrong');
  }
  const { crv, d } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' && crv !== 'P-256') {
    throw new CoseError('cose/key', 'neither an Ed25519 nor a P-256 key');
  }
  return PrivateKey.fromSecret(crv === 'Ed25519' ? ALG.EdDSA : ALG.ES256, Buffer.from(d ?? '', 'base64url'));
}

/** PKCS#8 PEM, encrypted with AES-256 when a passphrase is given. */
export function writePrivateKeyPem(key: PrivateKey, passphrase?: string): string {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return toKeyObject(key)
    .export({ type: 'pkcs8', format: 'pem', ...encryption })
    .toString();
}

function toKeyObject({ algorithm, secret, publicKey }: PrivateKey): KeyObject {
  if (algorithm === ALG.EdDSA) {
    return createPrivateKey({
      key: Buffer.from(concat(PKCS8_ED25519, secret)),
      type: 'pkcs8',
      format: 'der',
    });
  }
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: text(publicKey.x), y: text(publicKey.y), d: text(secret) };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}
