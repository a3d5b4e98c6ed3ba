export { externalAad, type Purpose } from './aad.js';
export { decryptCose0, encryptCose0, encryptionInput, MAX_PARTIAL_IV, type Encrypt0Key } from './encrypt0.js';
export { fromCoseKey, KID_BYTES, keyId, keyThumbprint, symmetricThumbprint, toCoseKey } from './key.js';
export {
  decodeCose,
  mac0,
  sign1,
  verifyMac0,
  verifySign1,
  type CoseMessage,
  type SignOptions,
} from './message.js';
