/**
 * A page of flash whose content is small and must survive a power cut: each write is a whole new copy, and the newest
 * committed one counts (SPEC.md, Flash).
 */
import type { NorFlash } from './flash.js';
import { isErasedSlot, readSlot, SLOTS_PER_SECTOR, writeSlot } from './slot.js';

/** Sectors of a page: one is erased only while the other holds the newest copy. */
export const PAGE_SECTORS = 2;
const SLOTS = PAGE_SECTORS * SLOTS_PER_SECTOR;

/** How a page's content is written. `counter` tells newer copies from older ones. */
export interface PageCodec<Content> {
  readonly encode: (counter: number, content: Content) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => { readonly counter: number; readonly content: Content };
}

export class FlashPage<Content> {
  private written = 0;
  private slot = SLOTS - 1;
  private newest: Content | undefined;

  /** @param firstSector where in flash the page stands */
  constructor(
    private readonly flash: NorFlash,
    private readonly firstSector: number,
    private readonly codec: PageCodec<Content>,
  ) {
    for (let slot = 0; slot < SLOTS; slot++) {
      const bytes = readSlot(flash, this.inFlash(slot));
      if (bytes === undefined) continue;
      const { counter, content } = codec.decode(bytes);
      if (this.newest !== undefined && counter <= this.written) continue;
      this.newest = content;
      this.written = counter;
      this.slot = slot;
    }
  }

  /** The newest committed copy; undefined on a device that never wrote one. */
  get content(): Content | undefined {
    return this.newest;
  }

  /** @throws PowerCut, after which the content before stands */
  write(content: Content): void {
    let slot = (this.slot + 1) % SLOTS;
    while (slot % SLOTS_PER_SECTOR !== 0 && !isErasedSlot(this.flash, this.inFlash(slot))) {
      slot = (slot + 1) % SLOTS;
    }
    if (slot % SLOTS_PER_SECTOR === 0) this.flash.erase(this.firstSector + slot / SLOTS_PER_SECTOR);
    writeSlot(this.flash, this.inFlash(slot), this.codec.encode(this.written + 1, content));
    this.written++;
    this.slot = slot;
    this.newest = content;
  }

  private inFlash(slot: number): number {
    return this.firstSector * SLOTS_PER_SECTOR + slot;
  }
}
