/**
 * What a device must know after a power cut beside its records: how often it started, which log it keeps, how far
 * that was sealed and acknowledged (SPEC.md, Forks).
 */
import { decodeStrict, encode, entries, Fields, HASH_BYTES, LOG_ID_BYTES } from '@timeband/protocol';
import { FlashPage, PAGE_SECTORS, type PageCodec } from './flash-page.js';
import type { NorFlash } from './flash.js';
import { LEFT_OUT_SECTORS } from './activities/left-out-page.js';
import { TRUST_SECTORS } from './trust-page.js';

/** Sectors before the records: this page, what is kept of trust, and what activities leave out. */
export const STATE_SECTORS = PAGE_SECTORS + TRUST_SECTORS + LEFT_OUT_SECTORS;

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
  /** Thumbprint of the key this epoch is under, 32 bytes. */
  readonly thumbprint: Uint8Array;
  /** Thumbprint of the key before, where this epoch began with a new one. */
  readonly earlierKey?: Uint8Array;
}

const codec: PageCodec<DeviceState> = { encode: encodeState, decode: decodeState };

export type StatePage = FlashPage<DeviceState>;

export function mountStatePage(flash: NorFlash): StatePage {
  return new FlashPage(flash, 0, codec);
}

function encodeState(counter: number, state: DeviceState): Uint8Array {
  const { boot, epoch, sealed, acked, previous, lostFrom, thumbprint, earlierKey } = state;
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
      [12, thumbprint],
      [13, earlierKey],
    ),
  );
}

function decodeState(bytes: Uint8Array): { counter: number; content: DeviceState } {
  const fields = Fields.of(decodeStrict(bytes), 'device state');
  const earlierKey = fields.optionalBytes(13, HASH_BYTES);
  const lostFrom = fields.optionalUint(11);
  return {
    counter: fields.uint(1),
    content: {
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
      thumbprint: fields.bytes(12, HASH_BYTES),
      ...(earlierKey !== undefined && { earlierKey }),
    },
  };
}
