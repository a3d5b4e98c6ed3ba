export {
  authenticate,
  isVouched,
  verifyAuthentic,
  type AuthenticationKey,
  type VerificationKey,
} from './authenticate.js';
export {
  deriveDeviceKey,
  DeviceKey,
  SECRET_BYTES,
  type DeviceKeyOwner,
  type KeyDirection,
  type MacPurpose,
} from './device-key.js';
