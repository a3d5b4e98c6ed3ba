/** Makes a program into a signed MCUboot image, byte for byte as MCUboot's own imgtool does. */
import { createHash } from 'node:crypto';
import { concat } from '@timeband/protocol';
import { ImageError } from './errors.js';
import { encodeHeader, FLAG, HEADER_BYTES } from './header.js';
import type { ImageKey, Sha } from './keys.js';
import { CUSTOM_TLV, encodeTlvs, type Tlv, TLV } from './tlv.js';
import { checkSlot, encodeTrailer, type Slot, trailerSize } from './trailer.js';
import type { ImageVersion } from './version.js';

export interface Dependency {
  /** Number of the other image. */
  readonly image: number;
  /** The oldest version of it that will do. */
  readonly version: ImageVersion;
}

export interface SignOptions {
  readonly key: ImageKey;
  readonly version: ImageVersion;
  /** Bytes before the program; its linker script leaves them free unless `padHeader` adds them. */
  readonly headerSize: number;
  readonly padHeader: boolean;
  readonly slot: Slot;
  /** Fills up the slot, and asks for the swap; `confirm` also keeps the image without the program's own word. */
  readonly pad: boolean;
  readonly confirm: boolean;
  /** Devices refuse an image with a lower one than they have run. */
  readonly securityCounter?: number | undefined;
  readonly dependencies: readonly Dependency[];
  /** Protected entries of the maker's own. */
  readonly custom: readonly Tlv[];
  /** Puts the whole public key into the image instead of its hash. */
  readonly embedKey: boolean;
  /** SHA-256 unless told otherwise; only Ed25519 has the choice. */
  readonly sha: Sha;
  /** Ed25519 over the image itself; its hashes are SHA-512 then. */
  readonly pure: boolean;
  readonly loadAddress?: number | undefined;
  readonly romFixed?: number | undefined;
}

/** The counter that belongs to a version when nobody counts apart. */
export function securityCounterOf({ major, minor, revision }: ImageVersion): number {
  return major * 2 ** 24 + minor * 2 ** 16 + revision;
}

/** @throws ImageError `image/option`, `image/size`, `key/kind` */
export function signImage(program: Uint8Array, options: SignOptions): Uint8Array {
  checkOptions(program, options);
  const { key, headerSize, padHeader, slot, pad, confirm, pure, version } = options;
  const sha: Sha = pure ? 'sha512' : options.sha;
  const body = padHeader ? program : program.subarray(headerSize);
  const gap = new Uint8Array(headerSize - HEADER_BYTES).fill(padHeader ? slot.erased : 0);
  const protectedTlvs = encodeTlvs('protected', protectedEntries(options));
  const header = encodeHeader({
    loadAddress: options.romFixed ?? options.loadAddress ?? 0,
    headerSize,
    protectedTlvSize: protectedTlvs.length,
    imageSize: body.length,
    flags:
      (options.loadAddress === undefined ? 0 : FLAG.ramLoad) |
      (options.romFixed === undefined ? 0 : FLAG.romFixed),
    version,
  });
  const region = concat(header, gap, body, protectedTlvs);
  const digest = createHash(sha).update(region).digest();
  const entries: Tlv[] = [{ type: sha === 'sha256' ? TLV.sha256 : TLV.sha512, value: digest }];
  if (pure) entries.push({ type: TLV.pure, value: Uint8Array.of(1) });
  entries.push(
    options.embedKey
      ? { type: TLV.publicKey, value: key.publicBytes }
      : { type: TLV.keyHash, value: key.hash(sha) },
    { type: key.signatureTlv, value: key.sign(region, digest, pure) },
  );
  const image = concat(region, encodeTlvs('unprotected', entries));
  const room = slot.size - image.length - trailerSize(slot);
  if (room < 0)
    throw new ImageError(
      'image/size',
      `the image takes ${image.length} bytes and its trailer ${trailerSize(slot)}: ${-room} more than the slot of ${slot.size}`,
    );
  if (!pad && !confirm) return image;
  return concat(image, new Uint8Array(room).fill(slot.erased), encodeTrailer(slot, confirm));
}

function protectedEntries({ securityCounter, dependencies, custom }: SignOptions): Tlv[] {
  const entries: Tlv[] = [];
  if (securityCounter !== undefined)
    entries.push({ type: TLV.securityCounter, value: uint32(securityCounter) });
  for (const { image, version } of dependencies) {
    const value = new Uint8Array(12);
    const view = new DataView(value.buffer);
    view.setUint8(0, image);
    view.setUint8(4, version.major);
    view.setUint8(5, version.minor);
    view.setUint16(6, version.revision, true);
    view.setUint32(8, version.build, true);
    entries.push({ type: TLV.dependency, value });
  }
  return [...entries, ...custom];
}

function checkOptions(program: Uint8Array, options: SignOptions): void {
  const { key, headerSize, padHeader, slot, securityCounter, dependencies, custom, sha, pure } = options;
  const refuse = (message: string): never => {
    throw new ImageError('image/option', message);
  };
  checkSlot(slot);
  if (!Number.isInteger(headerSize) || headerSize < HEADER_BYTES || headerSize > 0xffff)
    refuse(`a header of ${headerSize} bytes: it has at least ${HEADER_BYTES} and at most 65,535`);
  if (
    !padHeader &&
    (program.length < headerSize || program.subarray(0, headerSize).some((byte) => byte !== 0))
  )
    refuse(
      `the program does not begin with ${headerSize} zeros for the header: leave room in its linker script, or let it be added (--pad-header)`,
    );
  if (securityCounter !== undefined && !isUint32(securityCounter))
    refuse(`a security counter of ${securityCounter}: it has 32 bits`);
  if (dependencies.some(({ image }) => !Number.isInteger(image) || image < 0 || image > 0xff))
    refuse('the number of an image in a dependency has 8 bits');
  for (const { type } of custom)
    if (type < CUSTOM_TLV.min || type > CUSTOM_TLV.max)
      refuse(`an entry of type ${type}: free types are ${CUSTOM_TLV.min} to ${CUSTOM_TLV.max}`);
  if (key.kind === 'ecdsa-p256' && (sha !== 'sha256' || pure))
    refuse('ECDSA P-256 signs a SHA-256; SHA-512 and pure signatures are for Ed25519');
  if (options.loadAddress !== undefined && options.romFixed !== undefined)
    refuse('an image runs from RAM or from a fixed place in flash, not both');
  for (const address of [options.loadAddress, options.romFixed])
    if (address !== undefined && !isUint32(address)) refuse(`${address} is no address of 32 bits`);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
