/** Image files: raw bytes, or Intel HEX where the name ends in `.hex`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ImageError } from './errors.js';
import { formatHex, parseHex } from './hex.js';

export interface ImageFile {
  readonly bytes: Uint8Array;
  /** Where in flash the first byte stands; only HEX says so. */
  readonly address: number | undefined;
}

/** Gaps in a HEX file read as erased flash. @throws ImageError `image/hex`, or what reading throws */
export function readImageFile(file: string, erased = 0xff): ImageFile {
  const content = readFileSync(file);
  return isHex(file) ? parseHex(content.toString('latin1'), erased) : { bytes: content, address: undefined };
}

/** @param address where in flash it begins; needed for HEX @throws ImageError `image/hex`, or what writing throws */
export function writeImageFile(file: string, { bytes, address }: ImageFile): void {
  if (!isHex(file)) {
    writeFileSync(file, bytes);
    return;
  }
  if (address === undefined)
    throw new ImageError(
      'image/hex',
      'a HEX file needs the address where the image stands in flash: give --hex-addr',
    );
  writeFileSync(file, formatHex({ address, bytes }));
}

function isHex(file: string): boolean {
  return file.toLowerCase().endsWith('.hex');
}
