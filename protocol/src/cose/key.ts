/** COSE_Key maps and their thumbprints (RFC 9052 §7, RFC 9053 §7, RFC 9679). */
import { encode, entries, type CborMap, type Fields } from '../cbor/index.js';
import { ALG, PublicKey, sha256, type PublicCoordinates } from '../crypto/index.js';
import { CoseError } from '../errors.js';

const KTY = { OKP: 1, EC2: 2, Symmetric: 4 } as const;
const CRV = { P256: 1, Ed25519: 6 } as const;

/** Bytes of a key id: the start of the key's thumbprint. */
export const KID_BYTES = 8;

/** The public key as a COSE_Key with its one algorithm. */
export function toCoseKey({ algorithm, x, y }: PublicCoordinates): CborMap {
  return algorithm === ALG.EdDSA
    ? entries([1, KTY.OKP], [3, algorithm], [-1, CRV.Ed25519], [-2, x])
    : entries([1, KTY.EC2], [3, algorithm], [-1, CRV.P256], [-2, x], [-3, y]);
}

/** Imports a COSE_Key. @throws CoseError, CborError */
export function fromCoseKey(key: Fields): PublicKey {
  const algorithm = key.int(3);
  if (algorithm !== ALG.EdDSA && algorithm !== ALG.ES256) {
    throw new CoseError('cose/algorithm', `algorithm ${algorithm} is not one of ours`, { algorithm });
  }
  const [kty, crv] = algorithm === ALG.EdDSA ? [KTY.OKP, CRV.Ed25519] : [KTY.EC2, CRV.P256];
  if (key.uint(1) !== kty || key.int(-1) !== crv) {
    throw new CoseError('cose/key', 'key type, curve and algorithm do not belong together', { algorithm });
  }
  return PublicKey.fromCoordinates({
    algorithm,
    x: key.bytes(-2, 32),
    y: algorithm === ALG.ES256 ? key.bytes(-3, 32) : undefined,
  });
}

/** Thumbprints are asked for with every signature; a key's never changes. */
const thumbprints = new WeakMap<PublicCoordinates, Uint8Array>();

/** SHA-256 thumbprint over the required parameters only, 32 bytes (RFC 9679 §3, §4). */
export function keyThumbprint(key: PublicCoordinates): Uint8Array {
  let thumbprint = thumbprints.get(key);
  if (thumbprint === undefined) {
    const { algorithm, x, y } = key;
    const required =
      algorithm === ALG.EdDSA
        ? entries([1, KTY.OKP], [-1, CRV.Ed25519], [-2, x])
        : entries([1, KTY.EC2], [-1, CRV.P256], [-2, x], [-3, y]);
    thumbprint = sha256(encode(required));
    thumbprints.set(key, thumbprint);
  }
  return thumbprint;
}

/** The thumbprint of a symmetric key, by which others name it without knowing it (RFC 9679 §4.4), 32 bytes. */
export function symmetricThumbprint(secret: Uint8Array): Uint8Array {
  return sha256(encode(entries([1, KTY.Symmetric], [-1, secret])));
}

/** The key id we put in COSE headers: the first 8 bytes of the thumbprint. */
export function keyId(key: PublicCoordinates): Uint8Array {
  return keyThumbprint(key).subarray(0, KID_BYTES);
}
