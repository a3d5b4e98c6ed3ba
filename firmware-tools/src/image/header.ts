/** The header of an MCUboot image: 32 bytes, little-endian (MCUboot, struct image_header). */
import { ImageError } from './errors.js';
import type { ImageVersion } from './version.js';

export const IMAGE_MAGIC = 0x96f3b83d;
export const HEADER_BYTES = 32;

/** Bits of the header's flags that are set here. */
export const FLAG = { nonBootable: 0x10, ramLoad: 0x20, romFixed: 0x100 } as const;

export interface ImageHeader {
  /** Where it runs from, when a flag says so; otherwise 0. */
  readonly loadAddress: number;
  /** Bytes before the program, the header among them. */
  readonly headerSize: number;
  /** Bytes of the protected TLVs with their own header; 0 where there are none. */
  readonly protectedTlvSize: number;
  /** Bytes of the program. */
  readonly imageSize: number;
  readonly flags: number;
  readonly version: ImageVersion;
}

export function encodeHeader(header: ImageHeader): Uint8Array {
  const { loadAddress, headerSize, protectedTlvSize, imageSize, flags, version } = header;
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, IMAGE_MAGIC, true);
  view.setUint32(4, loadAddress, true);
  view.setUint16(8, headerSize, true);
  view.setUint16(10, protectedTlvSize, true);
  view.setUint32(12, imageSize, true);
  view.setUint32(16, flags, true);
  view.setUint8(20, version.major);
  view.setUint8(21, version.minor);
  view.setUint16(22, version.revision, true);
  view.setUint32(24, version.build, true);
  return bytes;
}

/** @throws ImageError `image/header` */
export function decodeHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length < HEADER_BYTES) throw new ImageError('image/header', 'too short for an MCUboot image');
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (view.getUint32(0, true) !== IMAGE_MAGIC)
    throw new ImageError('image/header', 'no MCUboot image: it does not begin with its magic number');
  const header: ImageHeader = {
    loadAddress: view.getUint32(4, true),
    headerSize: view.getUint16(8, true),
    protectedTlvSize: view.getUint16(10, true),
    imageSize: view.getUint32(12, true),
    flags: view.getUint32(16, true),
    version: {
      major: view.getUint8(20),
      minor: view.getUint8(21),
      revision: view.getUint16(22, true),
      build: view.getUint32(24, true),
    },
  };
  if (header.headerSize < HEADER_BYTES || header.headerSize + header.imageSize > bytes.length)
    throw new ImageError('image/header', 'its header says it is longer than it is');
  return header;
}
