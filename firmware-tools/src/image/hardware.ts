/** The hardware that an image is for, in a protected entry of it (SPEC.md, Firmware). */
import type { Image } from './image.js';
import type { Tlv } from './tlv.js';

/** Among the types that are free for a maker's own use; its value is UTF-8. */
export const HARDWARE_TLV = 0xa0;

export function hardwareTlv(name: string): Tlv {
  return { type: HARDWARE_TLV, value: new TextEncoder().encode(name) };
}

/** As a device calls it in its identity; undefined where the image does not say. */
export function hardwareOf({ custom }: Pick<Image, 'custom'>): string | undefined {
  const entry = custom.find(({ type }) => type === HARDWARE_TLV);
  return entry && new TextDecoder().decode(entry.value);
}
