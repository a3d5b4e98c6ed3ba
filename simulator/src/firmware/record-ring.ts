/**
 * Records in flash, a ring of sectors: a record exists once its slot is committed, and a sector is erased only
 * when its space is needed and nothing unacknowledged is in it (SPEC.md, Flash).
 */
import { HASH_BYTES } from '@timeband/protocol';
import type { NorFlash } from './flash.js';
import { isErasedSlot, readSlot, SLOT_CAPACITY, SLOTS_PER_SECTOR, writeSlot } from './slot.js';
import { STATE_SECTORS } from './state-page.js';

/** epoch(2) ‖ seq(4) ‖ h(seq), before the record's bytes. */
const PREFIX_BYTES = 6 + HASH_BYTES;

/** Longest record that fits a slot. */
export const MAX_RECORD_BYTES = SLOT_CAPACITY - PREFIX_BYTES;

/** The log, one sector to write into while another is erased, and one as reserve. */
export const LEAST_RECORD_SECTORS = 3;

export class RecordRing {
  private readonly sectors: number;
  private readonly slotOf = new Map<number, number>();
  private readonly seqAt: (number | undefined)[];
  /** The slot to write next. At the first slot of a sector, that sector is still to be erased. */
  private cursor = 0;
  private newest = 0;

  /** Finds the records of `epoch`; torn and damaged slots and those of other epochs count as free. */
  constructor(
    private readonly flash: NorFlash,
    private readonly epoch: number,
  ) {
    this.sectors = flash.sectors - STATE_SECTORS;
    if (this.sectors < LEAST_RECORD_SECTORS) {
      throw new RangeError(`a log needs at least ${LEAST_RECORD_SECTORS} sectors of flash`);
    }
    this.seqAt = new Array<number | undefined>(this.sectors * SLOTS_PER_SECTOR).fill(undefined);
    for (let slot = 0; slot < this.seqAt.length; slot++) {
      const seq = this.seqInFlash(slot);
      if (seq !== undefined) this.place(seq, slot);
    }
    if (this.newest > 0) this.cursor = this.slotAfter(this.slotOf.get(this.newest) ?? 0);
  }

  /** Highest sequence number present, 0 without any. */
  get head(): number {
    return this.newest;
  }

  /** Lowest sequence number from which on everything up to the head is present; `head + 1` without any. */
  get oldest(): number {
    let seq = this.newest + 1;
    while (this.slotOf.has(seq - 1)) seq--;
    return seq;
  }

  record(seq: number): Uint8Array | undefined {
    return this.content(seq)?.slice(PREFIX_BYTES);
  }

  /** `h(seq)`, for a record that is present. */
  hash(seq: number): Uint8Array | undefined {
    return this.content(seq)?.slice(6, PREFIX_BYTES);
  }

  /** Slots that can be written while everything above `acked` is kept. */
  free(acked: number): number {
    const { sectors } = this;
    const inSector = this.cursor % SLOTS_PER_SECTOR;
    const left = inSector === 0 ? 0 : SLOTS_PER_SECTOR - inSector;
    const nextToErase = Math.ceil(this.cursor / SLOTS_PER_SECTOR) % sectors;
    const kept = this.slotOf.get(acked + 1);
    const erasable =
      kept === undefined
        ? sectors - (inSector === 0 ? 0 : 1)
        : (Math.floor(kept / SLOTS_PER_SECTOR) - nextToErase + sectors) % sectors;
    return left + erasable * SLOTS_PER_SECTOR;
  }

  /** Writes a record. The caller has asked {@link free} before. @throws PowerCut */
  append(seq: number, hash: Uint8Array, record: Uint8Array): void {
    if (record.length > MAX_RECORD_BYTES) {
      throw new RangeError(`a record of ${record.length} bytes, at most ${MAX_RECORD_BYTES}`);
    }
    const content = new Uint8Array(PREFIX_BYTES + record.length);
    const head = new DataView(content.buffer);
    head.setUint16(0, this.epoch);
    head.setUint32(2, seq);
    content.set(hash, 6);
    content.set(record, PREFIX_BYTES);

    const slot = this.cursor;
    if (slot % SLOTS_PER_SECTOR === 0) this.makeRoom(slot);
    writeSlot(this.flash, this.physical(slot), content);
    this.place(seq, slot);
    this.cursor = (slot + 1) % this.seqAt.length;
  }

  private place(seq: number, slot: number): void {
    this.slotOf.set(seq, slot);
    this.seqAt[slot] = seq;
    this.newest = Math.max(this.newest, seq);
  }

  private makeRoom(first: number): void {
    for (let slot = first; slot < first + SLOTS_PER_SECTOR; slot++) {
      const seq = this.seqAt[slot];
      if (seq !== undefined) this.slotOf.delete(seq);
      this.seqAt[slot] = undefined;
    }
    this.flash.erase(this.physical(first) / SLOTS_PER_SECTOR);
  }

  /** The slot after `slot`, past torn ones in the same sector: what is not erased cannot be written. */
  private slotAfter(slot: number): number {
    let next = slot + 1;
    const end = (Math.floor(slot / SLOTS_PER_SECTOR) + 1) * SLOTS_PER_SECTOR;
    for (let later = next; later < end; later++) {
      if (!isErasedSlot(this.flash, this.physical(later))) next = later + 1;
    }
    return next % this.seqAt.length;
  }

  private content(seq: number): Uint8Array | undefined {
    const slot = this.slotOf.get(seq);
    return slot === undefined ? undefined : readSlot(this.flash, this.physical(slot));
  }

  private seqInFlash(slot: number): number | undefined {
    const content = readSlot(this.flash, this.physical(slot));
    if (content === undefined || content.length < PREFIX_BYTES) return undefined;
    const head = new DataView(content.buffer, content.byteOffset);
    return head.getUint16(0) === this.epoch ? head.getUint32(2) : undefined;
  }

  private physical(slot: number): number {
    return slot + STATE_SECTORS * SLOTS_PER_SECTOR;
  }
}
