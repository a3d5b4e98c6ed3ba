export { externalAad, type Purpose } from './aad.js';
export { fromCoseKey, KID_BYTES, keyId, keyThumbprint, toCoseKey } from './key.js';
export {
  decodeCose,
  mac0,
  sign1,
  verifyMac0,
  verifySign1,
  type CoseMessage,
  type SignOptions,
} from './message.js';
