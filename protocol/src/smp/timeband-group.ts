/**
 * SMP group 84, the time-deposit protocol: each command with its number, direction and the shape of its request
 * and answer, so that asker and answerer read the same table (SPEC.md, Commands).
 */
import { entries, Fields } from '../cbor/index.js';
import { KID_BYTES } from '../cose/index.js';
import { CborError } from '../errors.js';
import { CLOCK_NONCE_BYTES, HASH_BYTES, LOG_ID_BYTES, SEAL_NONCE_BYTES } from '../log/index.js';
import { command, none, type None } from './command.js';
import { exchangeCommands } from './exchange-commands.js';
import { provisioningCommands } from './provisioning-commands.js';

/** Who a device is and which log it keeps. */
export interface Identity {
  readonly device: string;
  /** At most 64 bytes of UTF-8, as is `hardware`. */
  readonly firmware: string;
  readonly hardware: string;
  readonly boot: number;
  readonly logId: Uint8Array;
  readonly epoch: number;
  /** Lowest sequence number that can still be read. */
  readonly oldest: number;
  readonly acked: number;
  readonly previous?:
    { readonly logId: Uint8Array; readonly seq: number; readonly head: Uint8Array } | undefined;
}

export interface Status {
  /** Sequence number of the newest record, 0 in an empty log. */
  readonly head: number;
  readonly sealed: number;
  readonly boot: number;
  /** Taps are refused because the flash is full of unacknowledged records. */
  readonly full: boolean;
  /** The newest record, while it is not sealed and newer than what the asker has seen. */
  readonly newest?: Uint8Array | undefined;
}

/** What a reader shows at once. Provisional until the record is sealed. */
export const OUTCOME = { accepted: 1, refused: 2, queued: 3 } as const;
export type Outcome = keyof typeof OUTCOME;

/** Why it is no more than that, where a reader has to know: its proof does not hold, its band is not known, or as they say. */
export const BECAUSE = { proof: 1, unknown: 2, again: 3, nothing: 4, tooFew: 5 } as const;
export type Because = keyof typeof BECAUSE;

export interface Feedback {
  /** The record it answers; a device shows the feedback of one record once. */
  readonly seq: number;
  readonly outcome: Outcome;
  readonly minutes?: number | undefined;
  readonly balance?: number | undefined;
  /** Absent for a reason of a later version as well. */
  readonly because?: Because | undefined;
}

/** Bytes of records in one answer when the asker names no limit: fits a 384-byte SMP buffer. */
export const DEFAULT_RECORDS_BYTES = 352;

const deviceCommands = {
  identity: command<None, Identity>({
    id: 0,
    op: 'read',
    name: 'identity',
    idempotent: true,
    encodeRequest: none.encode,
    decodeRequest: none.decode,
    encodeAnswer: (a) =>
      entries(
        [1, a.device],
        [2, a.firmware],
        [3, a.hardware],
        [4, a.boot],
        [5, a.logId],
        [6, a.epoch],
        [7, a.oldest],
        [8, a.acked],
        [9, a.previous?.logId],
        [10, a.previous?.seq],
        [11, a.previous?.head],
      ),
    decodeAnswer: (body) => {
      const f = Fields.of(body, 'identity');
      const previous = f.has(9)
        ? { logId: f.bytes(9, LOG_ID_BYTES), seq: f.uint(10), head: f.bytes(11, HASH_BYTES) }
        : undefined;
      return {
        device: f.text(1),
        firmware: f.text(2),
        hardware: f.text(3),
        boot: f.uint(4),
        logId: f.bytes(5, LOG_ID_BYTES),
        epoch: f.uint(6),
        oldest: f.uint(7),
        acked: f.uint(8),
        previous,
      };
    },
  }),

  status: command<{ readonly seen: number }, Status>({
    id: 1,
    op: 'read',
    name: 'status',
    idempotent: true,
    encodeRequest: ({ seen }) => entries([1, seen]),
    decodeRequest: (body) => ({ seen: Fields.of(body, 'status').optionalUint(1) ?? 0 }),
    encodeAnswer: (a) =>
      entries([1, a.head], [2, a.sealed], [3, a.boot], [4, a.full ? true : undefined], [5, a.newest]),
    decodeAnswer: (body) => {
      const f = Fields.of(body, 'status');
      return {
        head: f.uint(1),
        sealed: f.uint(2),
        boot: f.uint(3),
        full: f.get(4) === true,
        newest: f.optionalBytes(5),
      };
    },
  }),

  records: command<{ readonly from: number; readonly bytes?: number | undefined }, readonly Uint8Array[]>({
    id: 2,
    op: 'read',
    name: 'records',
    idempotent: true,
    encodeRequest: ({ from, bytes }) => entries([1, from], [2, bytes]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'records');
      return { from: f.uint(1), bytes: f.optionalUint(2) };
    },
    encodeAnswer: (records) => entries([1, records]),
    decodeAnswer: (body) => {
      const records = Fields.of(body, 'records').array(1);
      return records.map((record) => {
        if (!(record instanceof Uint8Array))
          throw new CborError('cbor/shape', 'records: an element that is not bytes');
        return record;
      });
    },
  }),

  seal: command<{ readonly nonce: Uint8Array; readonly upto: number }, Uint8Array>({
    id: 3,
    op: 'read',
    name: 'seal',
    idempotent: true,
    encodeRequest: ({ nonce, upto }) => entries([1, nonce], [2, upto]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'seal');
      return { nonce: f.bytes(1, SEAL_NONCE_BYTES), upto: f.uint(2) };
    },
    encodeAnswer: (seal) => entries([1, seal]),
    decodeAnswer: (body) => Fields.of(body, 'seal').bytes(1),
  }),

  ack: command<Uint8Array, { readonly acked: number }>({
    id: 4,
    op: 'write',
    name: 'ack',
    idempotent: true,
    encodeRequest: (ack) => entries([1, ack]),
    decodeRequest: (body) => Fields.of(body, 'ack').bytes(1),
    encodeAnswer: ({ acked }) => entries([1, acked]),
    decodeAnswer: (body) => ({ acked: Fields.of(body, 'ack').uint(1) }),
  }),

  /** Asks for the nonce that the next clock document has to answer. */
  clockNonce: command<None, Uint8Array>({
    id: 5,
    op: 'read',
    name: 'clock nonce',
    idempotent: true,
    encodeRequest: none.encode,
    decodeRequest: none.decode,
    encodeAnswer: (nonce) => entries([1, nonce]),
    decodeAnswer: (body) => Fields.of(body, 'clock nonce').bytes(1, CLOCK_NONCE_BYTES),
  }),

  /** Sets the clock, and proves on this link who the gateway is. The nonce is spent, so it is never repeated. */
  clock: command<Uint8Array, None>({
    id: 5,
    op: 'write',
    name: 'clock',
    idempotent: false,
    encodeRequest: (document) => entries([1, document]),
    decodeRequest: (body) => Fields.of(body, 'clock').bytes(1),
    encodeAnswer: none.encode,
    decodeAnswer: none.decode,
  }),

  feedback: command<Feedback, None>({
    id: 6,
    op: 'write',
    name: 'feedback',
    idempotent: true,
    encodeRequest: ({ seq, outcome, minutes, balance, because }) =>
      entries(
        ...([
          [1, seq],
          [2, OUTCOME[outcome]],
          [3, minutes],
          [4, balance],
          [5, because && BECAUSE[because]],
        ] as const),
      ),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'feedback');
      const number = f.uint(2);
      const outcome = (Object.keys(OUTCOME) as Outcome[]).find((name) => OUTCOME[name] === number);
      if (outcome === undefined) throw new CborError('cbor/shape', `feedback: outcome ${number} is unknown`);
      const reason = f.optionalUint(5);
      const because = (Object.keys(BECAUSE) as Because[]).find((name) => BECAUSE[name] === reason);
      return {
        ...{ seq: f.uint(1), outcome, minutes: f.optionalUint(3), balance: f.optionalUint(4) },
        ...(because && { because }),
      };
    },
    encodeAnswer: none.encode,
    decodeAnswer: none.decode,
  }),

  /** Presents the gateway's certificate, by which acks and clock documents are then checked. */
  hello: command<Uint8Array, None>({
    id: 7,
    op: 'write',
    name: 'hello',
    idempotent: true,
    encodeRequest: (certificate) => entries([1, certificate]),
    decodeRequest: (body) => Fields.of(body, 'hello').bytes(1),
    encodeAnswer: none.encode,
    decodeAnswer: none.decode,
  }),

  /**
   * The device's certificate, or the one it holds of the key whose id is asked for. Not part of `identity`,
   * because both together outgrow a small buffer.
   */
  certificate: command<Uint8Array | undefined, Uint8Array>({
    id: 8,
    op: 'read',
    name: 'certificate',
    idempotent: true,
    encodeRequest: (kid) => entries([1, kid]),
    decodeRequest: (body) => Fields.of(body, 'certificate').optionalBytes(1, KID_BYTES),
    encodeAnswer: (certificate) => entries([1, certificate]),
    decodeAnswer: (body) => Fields.of(body, 'certificate').bytes(1),
  }),
} as const;

/** Every command of group 84. */
export const COMMAND = { ...deviceCommands, ...exchangeCommands, ...provisioningCommands } as const;
