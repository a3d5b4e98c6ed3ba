/**
 * What a device must know after a power cut beside its records: how often it started, which log it keeps, how far
 * that was sealed and acknowledged (SPEC.md, Forks). Each write is a whole new copy; the newest committed one counts.
 */
import { decodeStrict, encode, entries, Fields, HASH_BYTES, LOG_ID_BYTES } from '@timeband/protocol';
import type { NorFlash } from './flash.js';
import { isErasedSlot, readSlot, SLOTS_PER_SECTOR, writeSlot } from './slot.js';

/** Sectors the page takes at the start of flash: one is erased only while the other holds the newest copy. */
export const STATE_SECTORS = 2;
const SLOTS = STATE_SECTORS * SLOTS_PER_SECTOR;

/** A place in a log: a sequence number and `h` there. */
export interface Position {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export interface DeviceState {
  /** Starts of the device so far. */
  readonly boot: number;
  /** From 1. */
  readonly epoch: number;
  readonly sealed: Position;
  readonly acked: Position;
  /** The log that this epoch continues, with the last position that was sealed there. */
  readonly previous?: { readonly logId: Uint8Array; readonly seq: number; readonly head: Uint8Array };
  /** First sequence number of the previous log that can no longer be had from this device. */
  readonly lostFrom?: number;
}

export class StatePage {
  private constructor(
    private readonly flash: NorFlash,
    private written: number,
    private slot: number,
    /** The newest committed copy; undefined on a device that never started. */
    private newest: DeviceState | undefined,
  ) {}

  static mount(flash: NorFlash): StatePage {
    let newest: { counter: number; slot: number; state: DeviceState } | undefined;
    for (let slot = 0; slot < SLOTS; slot++) {
      const content = readSlot(flash, slot);
      if (content === undefined) continue;
      const copy = decodeState(content);
      if (newest === undefined || copy.counter > newest.counter) newest = { ...copy, slot };
    }
    return new StatePage(flash, newest?.counter ?? 0, newest?.slot ?? SLOTS - 1, newest?.state);
  }

  get state(): DeviceState | undefined {
    return this.newest;
  }

  /** Persists a state. @throws PowerCut, after which the state before stands */
  write(state: DeviceState): void {
    let slot = (this.slot + 1) % SLOTS;
    while (slot % SLOTS_PER_SECTOR !== 0 && !isErasedSlot(this.flash, slot)) slot = (slot + 1) % SLOTS;
    if (slot % SLOTS_PER_SECTOR === 0) this.flash.erase(slot / SLOTS_PER_SECTOR);
    writeSlot(this.flash, slot, encodeState(this.written + 1, state));
    this.written++;
    this.slot = slot;
    this.newest = state;
  }
}

function encodeState(counter: number, state: DeviceState): Uint8Array {
  const { boot, epoch, sealed, acked, previous, lostFrom } = state;
  return encode(
    entries(
      [1, counter],
      [2, boot],
      [3, epoch],
      [4, sealed.seq],
      [5, sealed.hash],
      [6, acked.seq],
      [7, acked.hash],
      [8, previous?.logId],
      [9, previous?.seq],
      [10, previous?.head],
      [11, lostFrom],
    ),
  );
}

function decodeState(content: Uint8Array): { counter: number; state: DeviceState } {
  const fields = Fields.of(decodeStrict(content), 'device state');
  const lostFrom = fields.optionalUint(11);
  return {
    counter: fields.uint(1),
    state: {
      boot: fields.uint(2),
      epoch: fields.uint(3),
      sealed: { seq: fields.uint(4), hash: fields.bytes(5, HASH_BYTES) },
      acked: { seq: fields.uint(6), hash: fields.bytes(7, HASH_BYTES) },
      ...(fields.has(8) && {
        previous: {
          logId: fields.bytes(8, LOG_ID_BYTES),
          seq: fields.uint(9),
          head: fields.bytes(10, HASH_BYTES),
        },
      }),
      ...(lostFrom !== undefined && { lostFrom }),
    },
  };
}
