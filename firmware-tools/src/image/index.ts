/** MCUboot images: signing, reading, checking. */
export { ImageError, type ImageErrorCode } from './errors.js';
export { readImageFile, writeImageFile, type ImageFile } from './files.js';
export { HARDWARE_TLV, hardwareOf, hardwareTlv } from './hardware.js';
export type { ImageHeader } from './header.js';
export { type Image, type ImageSignature, readImage, verifyImage } from './image.js';
export { generateImageKey, ImageKey, KEY_KINDS, type KeyKind, readImageKey, type Sha } from './keys.js';
export { type Dependency, securityCounterOf, signImage, type SignOptions } from './sign.js';
export type { Tlv } from './tlv.js';
export { DEFAULT_SLOT, type Slot, trailerSize } from './trailer.js';
export { compareVersions, formatVersion, type ImageVersion, parseVersion } from './version.js';
