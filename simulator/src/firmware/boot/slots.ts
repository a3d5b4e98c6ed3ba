/**
 * Two slots for images in simulated flash, with what MCUboot keeps beside them: the marks at a slot's end, how far a swap has
 * come, and the security counter. Every step can be cut off by a power failure and is taken up again.
 *
 * ```
 *  primary (n sectors)   secondary (n)   scratch   status   counter (2)
 *  the last sector of a slot: … copy_done -32   image_ok -24   magic -16
 *  status: 0 begun   1 kind   2-3 sectors   16…: three marks a sector
 * ```
 */
import { decodeStrict, encode, entries, equalBytes, Fields, fromHex } from '@timeband/protocol';
import { FlashPage, PAGE_SECTORS, type PageCodec } from '../flash-page.js';
import { NorFlash, SECTOR_BYTES } from '../flash.js';
import { readSlotImage, type SlotImage } from './image.js';

export const PRIMARY = 0;
export const SECONDARY = 1;
export type SlotNumber = typeof PRIMARY | typeof SECONDARY;

const MAGIC = fromHex('77c295f360d2ef7f3552500f2cb67980');
const MARK_AT = { magic: -16, imageOk: -24, copyDone: -32 } as const;
const SET = 0x01;
const DONE = 0x00;
const STEPS_AT = 16;
const STEPS = 3;

/** For a trial, for good, or back again. */
export const SWAP = { test: 1, permanent: 2, revert: 3 } as const;
export type Swap = keyof typeof SWAP;

const counterCodec: PageCodec<number> = {
  encode: (counter, content) => encode(entries([1, counter], [2, content])),
  decode: (bytes) => {
    const fields = Fields.of(decodeStrict(bytes), 'security counter');
    return { counter: fields.uint(1), content: fields.uint(2) };
  },
};

export class ImageSlots {
  readonly flash: NorFlash;
  private readonly scratch: number;
  private readonly status: number;

  /**
   * @param sectors of a slot
   * @param flash of an earlier life, to go on from
   */
  constructor(
    readonly sectors: number,
    flash?: NorFlash,
  ) {
    this.scratch = 2 * sectors;
    this.status = this.scratch + 1;
    this.flash = flash ?? new NorFlash(this.status + 1 + PAGE_SECTORS);
  }

  /** Bytes that an image may have: the last sector is the marks'. */
  get capacity(): number {
    return (this.sectors - 1) * SECTOR_BYTES;
  }

  image(slot: SlotNumber): SlotImage | undefined {
    const start = this.sectorOf(slot) * SECTOR_BYTES;
    return readSlotImage(this.flash.bytes.subarray(start, start + this.capacity));
  }

  /** @throws PowerCut */
  erase(slot: SlotNumber): void {
    const first = this.sectorOf(slot);
    for (let sector = first; sector < first + this.sectors; sector++) this.flash.erase(sector);
  }

  /** @throws PowerCut */
  write(slot: SlotNumber, offset: number, data: Uint8Array): void {
    this.flash.program(this.sectorOf(slot) * SECTOR_BYTES + offset, data);
  }

  /** What the second image was marked for. */
  get pending(): 'test' | 'permanent' | undefined {
    if (!this.hasMagic(SECONDARY)) return undefined;
    return this.isSet(SECONDARY, 'imageOk') ? 'permanent' : 'test';
  }

  /** Marks the second image for the next start. @throws PowerCut */
  markPending(permanent: boolean): void {
    if (permanent) this.set(SECONDARY, 'imageOk');
    this.mark(SECONDARY, 'magic', MAGIC);
  }

  /** Takes the second image's marks away. @throws PowerCut */
  forgetPending(): void {
    this.flash.erase(this.sectorOf(SECONDARY) + this.sectors - 1);
  }

  /** The image that runs stays. A slot that was never swapped into needs nobody's word. */
  get isConfirmed(): boolean {
    return !this.hasMagic(PRIMARY) || this.isSet(PRIMARY, 'imageOk');
  }

  /** @throws PowerCut */
  confirm(): void {
    if (!this.isConfirmed) this.set(PRIMARY, 'imageOk');
  }

  /** The image that runs is on trial, and its trial is over. */
  get isToBeReverted(): boolean {
    return !this.isConfirmed && this.isSet(PRIMARY, 'copyDone');
  }

  get securityCounter(): number {
    return this.counterPage().content ?? 0;
  }

  /** It only grows. @throws PowerCut */
  raiseSecurityCounter(counter: number): void {
    const page = this.counterPage();
    if (counter > (page.content ?? 0)) page.write(counter);
  }

  /** The swap that a power failure cut off. */
  get unfinishedSwap(): Swap | undefined {
    const [begun, kind] = this.flash.bytes.subarray(this.status * SECTOR_BYTES);
    if (begun !== DONE) return undefined;
    return (Object.keys(SWAP) as Swap[]).find((name) => SWAP[name] === kind);
  }

  /** Exchanges the two slots' images, or goes on doing so. @throws PowerCut */
  swap(kind: Swap): void {
    if (this.unfinishedSwap === undefined) this.beginSwap(kind);
    const at = this.status * SECTOR_BYTES;
    const count = ((this.flash.bytes[at + 2] ?? 0) << 8) | (this.flash.bytes[at + 3] ?? 0);
    for (let sector = 0; sector < count; sector++) {
      const [first, second] = [this.sectorOf(PRIMARY) + sector, this.sectorOf(SECONDARY) + sector];
      const moves = [
        [second, this.scratch],
        [first, second],
        [this.scratch, first],
      ] as const;
      for (const [step, [from, to]] of moves.entries()) {
        const mark = at + STEPS_AT + sector * STEPS + step;
        if (this.flash.bytes[mark] === DONE) continue;
        this.copy(from, to);
        this.flash.program(mark, Uint8Array.of(DONE));
      }
    }
    this.endSwap(kind);
  }

  private beginSwap(kind: Swap): void {
    const used = [PRIMARY, SECONDARY].map((slot) => this.image(slot as SlotNumber)?.length ?? this.capacity);
    const count = Math.ceil(Math.max(...used) / SECTOR_BYTES);
    this.flash.erase(this.status);
    const at = this.status * SECTOR_BYTES;
    this.flash.program(at + 1, Uint8Array.of(SWAP[kind], count >> 8, count & 0xff));
    this.flash.program(at, Uint8Array.of(DONE));
  }

  private endSwap(kind: Swap): void {
    for (const slot of [SECONDARY, PRIMARY] as const)
      this.flash.erase(this.sectorOf(slot) + this.sectors - 1);
    this.set(PRIMARY, 'copyDone');
    if (kind !== 'test') this.set(PRIMARY, 'imageOk');
    this.mark(PRIMARY, 'magic', MAGIC);
    this.flash.erase(this.status);
  }

  private copy(from: number, to: number): void {
    this.flash.erase(to);
    this.flash.program(
      to * SECTOR_BYTES,
      this.flash.bytes.slice(from * SECTOR_BYTES, (from + 1) * SECTOR_BYTES),
    );
  }

  private counterPage(): FlashPage<number> {
    return new FlashPage(this.flash, this.status + 1, counterCodec);
  }

  private sectorOf(slot: SlotNumber): number {
    return slot * this.sectors;
  }

  private markPlace(slot: SlotNumber, mark: keyof typeof MARK_AT): number {
    return (this.sectorOf(slot) + this.sectors) * SECTOR_BYTES + MARK_AT[mark];
  }

  private hasMagic(slot: SlotNumber): boolean {
    const at = this.markPlace(slot, 'magic');
    return equalBytes(this.flash.bytes.subarray(at, at + MAGIC.length), MAGIC);
  }

  private isSet(slot: SlotNumber, mark: keyof typeof MARK_AT): boolean {
    return this.flash.bytes[this.markPlace(slot, mark)] === SET;
  }

  private set(slot: SlotNumber, mark: keyof typeof MARK_AT): void {
    this.mark(slot, mark, Uint8Array.of(SET));
  }

  private mark(slot: SlotNumber, mark: keyof typeof MARK_AT, value: Uint8Array): void {
    this.flash.program(this.markPlace(slot, mark), value);
  }
}
