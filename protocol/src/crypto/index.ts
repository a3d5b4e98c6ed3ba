/** The one seam between the core and a cryptographic library. Everything is synchronous. */
import { primitives } from '#primitives';

export { AesBlockKey } from './aes-block.js';
export { hkdfExpand, hkdfExtract, aesCmac } from './kdf.js';
export { PrivateKey, PublicKey } from './keys.js';
export {
  ALG,
  SIGNATURE_BYTES,
  type AgreementCurve,
  type PublicCoordinates,
  type SignatureAlgorithm,
} from './primitives.js';
export const {
  sha256,
  hmac256,
  randomBytes,
  equalSecret,
  toBase64,
  agree,
  agreementPublic,
  aesCbcDecrypt,
  aesCbcEncrypt,
  ccmOpen,
  ccmSeal,
} = primitives;
