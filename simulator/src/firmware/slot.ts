/**
 * Slots of flash that either hold their content whole or do not exist: the commit word is written last
 * (SPEC.md, Flash).
 *
 * ```
 *  0-1: length   2…: content   508-509: "TB"   510-511: CRC-16 of length and content
 * ```
 */
import { crc16 } from '@timeband/protocol';
import { SECTOR_BYTES, type NorFlash } from './flash.js';

/** Room for the longest record of a device, 349 bytes, with its place and hash. */
export const SLOT_BYTES = 512;
export const SLOTS_PER_SECTOR = SECTOR_BYTES / SLOT_BYTES;
const COMMIT_AT = SLOT_BYTES - 4;
const COMMIT_MARK = [0x54, 0x42] as const;

/** Most bytes a slot holds. */
export const SLOT_CAPACITY = COMMIT_AT - 2;

/** Writes content into an erased slot, then commits it. @throws PowerCut */
export function writeSlot(flash: NorFlash, slot: number, content: Uint8Array): void {
  const body = new Uint8Array(content.length + 2);
  body[0] = content.length >> 8;
  body[1] = content.length;
  body.set(content, 2);
  const crc = crc16(body);
  flash.program(slot * SLOT_BYTES, body);
  flash.program(slot * SLOT_BYTES + COMMIT_AT, Uint8Array.of(...COMMIT_MARK, crc >> 8, crc & 0xff));
}

/** A copy of the committed content of a slot; undefined for one that is erased, torn or damaged. */
export function readSlot(flash: NorFlash, slot: number): Uint8Array | undefined {
  const bytes = flash.bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  const at = (index: number): number => bytes[index] ?? 0;
  if (at(COMMIT_AT) !== COMMIT_MARK[0] || at(COMMIT_AT + 1) !== COMMIT_MARK[1]) return undefined;
  const length = at(0) * 256 + at(1);
  if (length > SLOT_CAPACITY) return undefined;
  const crc = crc16(bytes.subarray(0, 2 + length));
  if (crc !== at(COMMIT_AT + 2) * 256 + at(COMMIT_AT + 3)) return undefined;
  return bytes.slice(2, 2 + length);
}

export function isErasedSlot(flash: NorFlash, slot: number): boolean {
  return flash.isErased(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
}
