/**
 * Handing a document to a device in pieces that fit its buffer: what sends the pieces and what puts them together.
 * The receiver says at which offset it goes on, and the sender obeys (SPEC.md, Put).
 */
import { concat } from '../bytes.js';
import { CborError, SmpError } from '../errors.js';
import type { Put, PutWhat } from './exchange-commands.js';

/** Longest document, bytes. */
export const MAX_PUT_BYTES = 16_384;
/** Data of one piece: fits a packet of 384 bytes, in a session too. */
export const PUT_PIECE_BYTES = 320;
/** How often a receiver may fall back before the sender gives up. */
const MAX_FALLBACKS = 8;

/** A document, whole. */
export interface PutDocument {
  readonly what: PutWhat;
  readonly bytes: Uint8Array;
}

/** How far a receiver is. */
export type PutState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'receiving';
      readonly what: PutWhat;
      readonly total: number;
      readonly pieces: readonly Uint8Array[];
      readonly offset: number;
    }
  /** Kept so that the last piece, repeated because its answer was lost, is no new beginning. */
  | { readonly state: 'complete'; readonly what: PutWhat; readonly total: number };

export interface PutStep {
  readonly state: PutState;
  /** The offset wanted next, which is the answer; the total when all is there. */
  readonly next: number;
  /** Once, when the last piece came. */
  readonly document?: PutDocument;
}

/**
 * Takes one piece. A piece at offset 0 begins anew; one that is not the next changes nothing.
 * @throws CborError `cbor/shape` for an empty piece, one beyond its total, and a beginning without a total of at most
 * {@link MAX_PUT_BYTES}
 */
export function receivePut(state: PutState, put: Put): PutStep {
  if (put.data.length === 0) throw new CborError('cbor/shape', 'put: an empty piece', { field: 3 });
  if (
    put.offset > 0 &&
    (state.state !== 'receiving' || state.what !== put.what || state.offset !== put.offset)
  ) {
    return { state, next: offsetOf(state, put.what) };
  }
  const begun = put.offset > 0 && state.state === 'receiving' ? state : beginning(put);
  const offset = begun.offset + put.data.length;
  if (offset > begun.total) throw new CborError('cbor/shape', 'put: a piece beyond the total', { field: 3 });
  const pieces = [...begun.pieces, Uint8Array.from(put.data)];
  const { what, total } = begun;
  return offset < total
    ? { state: { state: 'receiving', what, total, pieces, offset }, next: offset }
    : {
        state: { state: 'complete', what, total },
        next: total,
        document: { what, bytes: concat(...pieces) },
      };
}

function beginning({ what, total = 0 }: Put) {
  if (total < 1 || total > MAX_PUT_BYTES) {
    throw new CborError('cbor/shape', `put: a total of ${total}, at most ${MAX_PUT_BYTES}`, { field: 4 });
  }
  return { what, total, pieces: [], offset: 0 } as const;
}

function offsetOf(state: PutState, what: PutWhat): number {
  if (state.state === 'idle' || state.what !== what) return 0;
  return state.state === 'receiving' ? state.offset : state.total;
}

/**
 * Sends a document, piece after piece, going on wherever the receiver says.
 *
 * @param send hands over one piece and returns the offset wanted next
 * @throws SmpError `smp/answer` when the receiver wants what is not there, or gets nowhere; whatever `send` throws
 */
export async function sendPut(
  { what, bytes }: PutDocument,
  send: (piece: Put) => Promise<number>,
  pieceBytes = PUT_PIECE_BYTES,
): Promise<void> {
  if (bytes.length < 1 || bytes.length > MAX_PUT_BYTES) {
    throw new RangeError(`a document of ${bytes.length} bytes, at most ${MAX_PUT_BYTES}`);
  }
  let fallbacks = 0;
  for (let offset = 0; offset < bytes.length;) {
    const data = bytes.subarray(offset, offset + pieceBytes);
    const next = await send({ what, offset, data, total: offset === 0 ? bytes.length : undefined });
    if (next > bytes.length) throw new SmpError('smp/answer', 'put: an offset beyond the document', { next });
    if (next <= offset && ++fallbacks > MAX_FALLBACKS) {
      throw new SmpError('smp/answer', 'put: the device does not get further', { next });
    }
    offset = next;
  }
}
