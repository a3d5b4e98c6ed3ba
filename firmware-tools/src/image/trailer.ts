/** The end of a padded image: what the bootloader needs for swapping, and the marks that start it (MCUboot, Image Trailer). */
import { fromHex } from '@timeband/protocol';
import { ImageError } from './errors.js';

/** How the slot's flash is written. */
export interface Slot {
  /** Bytes. */
  readonly size: number;
  /** Smallest write, bytes: 1, 2, 4, 8, 16 or 32. */
  readonly align: number;
  /** Of both slots together: 8, 16 or 32. */
  readonly maxAlign: number;
  /** Sectors that a swap keeps account of. */
  readonly maxSectors: number;
  /** The bootloader copies and never swaps back. */
  readonly overwriteOnly: boolean;
  /** What erased flash reads as. */
  readonly erased: 0x00 | 0xff;
}

export const DEFAULT_SLOT = {
  align: 1,
  maxAlign: 8,
  maxSectors: 128,
  overwriteOnly: false,
  erased: 0xff,
} as const;

const MAGIC_BYTES = 16;
const MAGIC_ALIGN_8 = fromHex('77c295f360d2ef7f3552500f2cb67980');
const MAGIC_REST = fromHex('2de15d29410b8d77679c110f1f8a');
/** Rows of status a sector: one a step of its swap. */
const STATUS_STEPS = 3;
/** image_ok, copy_done, swap_info and swap_size. */
const FIELDS = 4;
const OVERWRITE_FIELDS = 2;
const CONFIRMED = 0x01;

/** @throws ImageError `image/option` */
export function checkSlot({ align, maxAlign, maxSectors }: Slot): void {
  if (![1, 2, 4, 8, 16, 32].includes(align))
    throw new ImageError('image/option', `an alignment of ${align}: it is 1, 2, 4, 8, 16 or 32 bytes`);
  if (![8, 16, 32].includes(maxAlign) || maxAlign < align)
    throw new ImageError(
      'image/option',
      `a greatest alignment of ${maxAlign}: it is 8, 16 or 32 bytes, and not below ${align}`,
    );
  if (!Number.isInteger(maxSectors) || maxSectors < 1)
    throw new ImageError('image/option', `${maxSectors} sectors: there is at least one`);
}

/** Bytes. */
export function trailerSize({ align, maxAlign, maxSectors, overwriteOnly }: Slot): number {
  const magic = alignUp(MAGIC_BYTES, maxAlign);
  if (overwriteOnly) return OVERWRITE_FIELDS * maxAlign + magic;
  return maxSectors * STATUS_STEPS * align + FIELDS * maxAlign + magic;
}

/** The last bytes of a slot that asks to be swapped in; `confirmed` keeps it without the program's own word. */
export function encodeTrailer(slot: Slot, confirmed: boolean): Uint8Array {
  const trailer = new Uint8Array(trailerSize(slot)).fill(slot.erased);
  trailer.set(magicFor(slot.maxAlign), trailer.length - MAGIC_BYTES);
  if (confirmed && !slot.overwriteOnly)
    trailer[trailer.length - alignUp(MAGIC_BYTES, slot.maxAlign) - slot.maxAlign] = CONFIRMED;
  return trailer;
}

/**
 * Reads what stands behind an image: nothing, or erased flash to the trailer's marks.
 *
 * @throws ImageError `image/trailer` for anything else
 */
export function readPadding(rest: Uint8Array): { readonly padded: boolean; readonly confirmed: boolean } {
  if (rest.length === 0) return { padded: false, confirmed: false };
  for (const maxAlign of [8, 16, 32]) {
    const magic = magicFor(maxAlign);
    const at = rest.length - MAGIC_BYTES;
    if (at < 0 || !magic.every((byte, i) => rest[at + i] === byte)) continue;
    const okAt = rest.length - alignUp(MAGIC_BYTES, maxAlign) - maxAlign;
    const erased = rest[0] ?? 0xff;
    const odd = rest
      .subarray(0, at)
      .findIndex((byte, i) => byte !== erased && !(i === okAt && byte === CONFIRMED));
    if (odd !== -1 || (erased !== 0xff && erased !== 0x00)) break;
    return { padded: true, confirmed: rest[okAt] === CONFIRMED };
  }
  throw new ImageError(
    'image/trailer',
    'there are bytes behind the image that are neither padding nor a trailer',
  );
}

function magicFor(maxAlign: number): Uint8Array {
  if (maxAlign === DEFAULT_SLOT.maxAlign) return MAGIC_ALIGN_8;
  return Uint8Array.of(maxAlign & 0xff, maxAlign >> 8, ...MAGIC_REST);
}

function alignUp(bytes: number, align: number): number {
  return Math.ceil(bytes / align) * align;
}
