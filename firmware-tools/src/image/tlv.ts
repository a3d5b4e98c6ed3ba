/** The areas of type-length-value entries that follow an image (MCUboot, struct image_tlv_info and image_tlv). */
import { concat } from '@timeband/protocol';
import { ImageError } from './errors.js';

export const TLV = {
  keyHash: 0x01,
  publicKey: 0x02,
  sha256: 0x10,
  sha512: 0x12,
  ecdsa: 0x22,
  ed25519: 0x24,
  /** The signature is over the image itself instead of its hash. */
  pure: 0x25,
  dependency: 0x40,
  securityCounter: 0x50,
} as const;

/** Types that are free for a maker's own use. */
export const CUSTOM_TLV = { min: 0x00a0, max: 0xfffe } as const;

export const INFO_BYTES = 4;
const ENTRY_BYTES = 4;

/** The protected area is part of what is hashed and signed, the other holds hash and signature themselves. */
const MAGIC = { unprotected: 0x6907, protected: 0x6908 } as const;
export type TlvArea = keyof typeof MAGIC;

export interface Tlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Nothing for no entries. @throws ImageError `image/size` */
export function encodeTlvs(area: TlvArea, entries: readonly Tlv[]): Uint8Array {
  if (entries.length === 0) return new Uint8Array();
  const body = concat(...entries.flatMap(({ type, value }) => [pair(type, value.length), value]));
  if (body.length + INFO_BYTES > 0xffff)
    throw new ImageError('image/size', `the ${area} entries do not fit 65,535 bytes`);
  return concat(pair(MAGIC[area], body.length + INFO_BYTES), body);
}

/** Entries and the size of the area with its header; nothing when there is no such area at `offset`. @throws ImageError `image/tlv` */
export function decodeTlvs(
  bytes: Uint8Array,
  offset: number,
  area: TlvArea,
): { readonly entries: readonly Tlv[]; readonly size: number } | undefined {
  if (offset + INFO_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(offset, true) !== MAGIC[area]) return undefined;
  const size = view.getUint16(offset + 2, true);
  const end = offset + size;
  if (size < INFO_BYTES || end > bytes.length)
    throw new ImageError('image/tlv', `the ${area} entries are longer than the file`);
  const entries: Tlv[] = [];
  for (let at = offset + INFO_BYTES; at < end;) {
    const length = at + ENTRY_BYTES <= end ? view.getUint16(at + 2, true) : Infinity;
    const next = at + ENTRY_BYTES + length;
    if (next > end) throw new ImageError('image/tlv', `an entry of the ${area} ones is cut off`);
    entries.push({ type: view.getUint16(at, true), value: bytes.subarray(at + ENTRY_BYTES, next) });
    at = next;
  }
  return { entries, size };
}

function pair(first: number, second: number): Uint8Array {
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, first, true);
  view.setUint16(2, second, true);
  return bytes;
}
