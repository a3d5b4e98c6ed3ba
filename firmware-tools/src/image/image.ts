/** Reads MCUboot images and checks them, more strictly than a bootloader: nothing in the file may be left unexplained. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ImageError } from './errors.js';
import { decodeHeader, type ImageHeader } from './header.js';
import type { ImageKey, KeyKind, Sha } from './keys.js';
import type { Dependency } from './sign.js';
import { decodeTlvs, type Tlv, TLV } from './tlv.js';
import { readPadding } from './trailer.js';

/** An image as it says it is. Only its hash has been checked. */
export interface Image {
  readonly header: ImageHeader;
  readonly sha: Sha;
  /** Hash of all that is signed: by this a device names the image (SMP image group). */
  readonly digest: Uint8Array;
  readonly securityCounter: number | undefined;
  readonly dependencies: readonly Dependency[];
  /** Protected entries of other types. */
  readonly custom: readonly Tlv[];
  /** Absent where it is not signed. */
  readonly signature: ImageSignature | undefined;
  /** Header, program and protected entries. */
  readonly region: Uint8Array;
  /** Without padding and trailer: what is sent to a device. */
  readonly bytes: Uint8Array;
  readonly padded: boolean;
  readonly confirmed: boolean;
}

export interface ImageSignature {
  readonly kind: KeyKind;
  readonly value: Uint8Array;
  readonly pure: boolean;
  /** Which key: its hash, or all of it. */
  readonly signer: { readonly hash: Uint8Array } | { readonly key: Uint8Array };
}

/** @throws ImageError `image/header`, `image/tlv`, `image/trailer`, `image/hash` */
export function readImage(file: Uint8Array): Image {
  const header = decodeHeader(file);
  const protectedAt = header.headerSize + header.imageSize;
  const sealed = decodeTlvs(file, protectedAt, 'protected');
  if ((sealed?.size ?? 0) !== header.protectedTlvSize)
    throw new ImageError('image/tlv', 'its protected entries are not as long as its header says');
  const regionEnd = protectedAt + header.protectedTlvSize;
  const open = decodeTlvs(file, regionEnd, 'unprotected');
  if (open === undefined)
    throw new ImageError('image/tlv', 'it has neither hash nor signature behind it: not signed yet');
  const end = regionEnd + open.size;
  const region = file.subarray(0, regionEnd);
  const { sha, digest, signature } = readOpen(open.entries);
  if (!equal(createHash(sha).update(region).digest(), digest))
    throw new ImageError(
      'image/hash',
      'its hash is that of other bytes: the image is damaged or was changed',
    );
  return {
    ...{ header, sha, digest, signature, region },
    ...readProtected(sealed?.entries ?? []),
    bytes: file.subarray(0, end),
    ...readPadding(file.subarray(end)),
  };
}

/**
 * Checks that an image was signed with a key.
 *
 * @throws ImageError `image/unsigned`, `image/key`, `image/signature`
 */
export function verifyImage({ region, digest, sha, signature }: Image, key: ImageKey): void {
  if (signature === undefined) throw new ImageError('image/unsigned', 'the image is not signed');
  const { signer, kind, value, pure } = signature;
  const same = 'hash' in signer ? equal(signer.hash, key.hash(sha)) : equal(signer.key, key.publicBytes);
  if (!same || kind !== key.kind) throw new ImageError('image/key', 'the image was signed with another key');
  if (!key.verify(value, region, digest, pure))
    throw new ImageError('image/signature', 'its signature does not hold');
}

const SHA_OF: Readonly<Record<number, Sha>> = { [TLV.sha256]: 'sha256', [TLV.sha512]: 'sha512' };
const SHA_BYTES = { sha256: 32, sha512: 64 } as const;
const KIND_OF: Readonly<Record<number, KeyKind>> = { [TLV.ed25519]: 'ed25519', [TLV.ecdsa]: 'ecdsa-p256' };

/** Nothing signs these entries, so there are none but those that are checked against what is signed. */
function readOpen(entries: readonly Tlv[]): Pick<Image, 'sha' | 'digest' | 'signature'> {
  const rest = [...entries];
  const hash = rest.shift();
  const sha = hash && SHA_OF[hash.type];
  if (hash === undefined || sha === undefined || hash.value.length !== SHA_BYTES[sha])
    throw new ImageError('image/tlv', 'its hash is missing');
  const pure = rest[0]?.type === TLV.pure;
  if (pure && !(rest[0]?.value.length === 1 && rest[0].value[0] === 1))
    throw new ImageError('image/tlv', 'it does not say clearly what its signature is over');
  if (pure) rest.shift();
  const [named, signed, ...more] = rest;
  if (named === undefined && !pure) return { sha, digest: hash.value, signature: undefined };
  const kind = signed && KIND_OF[signed.type];
  const isNamed = named?.type === TLV.keyHash || named?.type === TLV.publicKey;
  if (!isNamed || signed === undefined || kind === undefined || more.length > 0)
    throw new ImageError(
      'image/tlv',
      'it has entries that nothing signs, or is signed in a way that is not supported',
    );
  const signer = named.type === TLV.keyHash ? { hash: named.value } : { key: named.value };
  return { sha, digest: hash.value, signature: { kind, value: signed.value, pure, signer } };
}

function readProtected(entries: readonly Tlv[]): Pick<Image, 'securityCounter' | 'dependencies' | 'custom'> {
  let securityCounter: number | undefined;
  const dependencies: Dependency[] = [];
  const custom: Tlv[] = [];
  for (const entry of entries) {
    const { type, value } = entry;
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    if (type === TLV.securityCounter && value.length === 4) securityCounter = view.getUint32(0, true);
    else if (type === TLV.dependency && value.length === 12)
      dependencies.push({
        image: view.getUint8(0),
        version: {
          major: view.getUint8(4),
          minor: view.getUint8(5),
          revision: view.getUint16(6, true),
          build: view.getUint32(8, true),
        },
      });
    else custom.push(entry);
  }
  return { securityCounter, dependencies, custom };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
