/**
 * The commands of group 84 by which devices prove themselves to each other and hand documents over: sessions,
 * challenges, visits between two bands, and what travels down to a device (SPEC.md, Commands).
 */
import { entries, Fields, type CborValue } from '../cbor/index.js';
import { CborError } from '../errors.js';
import { CHALLENGE_NONCE_BYTES } from '../evidence/proof.js';
import { command, none, type None } from './command.js';

/** How a session begins. */
export const HANDSHAKE_METHOD = { edhoc: 1, mutualMac: 2 } as const;
export type HandshakeMethod = keyof typeof HANDSHAKE_METHOD;

/** One step of a handshake: the first one chooses the method, the others carry a message. */
export type HandshakeStep =
  | { readonly method: HandshakeMethod; readonly nonce?: Uint8Array | undefined }
  | { readonly message: Uint8Array };

/** What a document handed to a device is. */
export const PUT_WHAT = { policy: 1, receipt: 2, certificate: 3, grant: 4, wipe: 5 } as const;
export type PutWhat = keyof typeof PUT_WHAT;

/** A piece of a document. `total` stands in the first piece, at offset 0. */
export interface Put {
  readonly what: PutWhat;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly total?: number | undefined;
}

/** A policy document that a device holds. */
export interface HeldPolicy {
  /** Number of the type, as in the document itself: newer devices know more types. */
  readonly type: number;
  /** The document's own number, from 1. */
  readonly number: number;
}

/** More than there are types of policy; bounds an answer. */
export const MAX_HELD_POLICIES = 16;

/** What a band is asked to confirm with its key. */
export const CHALLENGE_WHAT = { punch: 1, redeem: 2, enrol: 3, possession: 4 } as const;
export type ChallengeWhat = keyof typeof CHALLENGE_WHAT;

/** 0 where the question has no direction. */
export const CHALLENGE_DIRECTION = { none: 0, in: 1, out: 2 } as const;
export type ChallengeDirection = keyof typeof CHALLENGE_DIRECTION;

export interface Challenge {
  readonly nonce: Uint8Array;
  readonly what: ChallengeWhat;
  /** Id of the device that asks. */
  readonly challenger: string;
  /** Number in the catalogue, 0 where there is none. */
  readonly service: number;
  readonly direction: ChallengeDirection;
}

export const exchangeCommands = {
  /** Makes a session on a link that nobody trusts. Each step counts once. */
  handshake: command<HandshakeStep, Uint8Array | undefined>({
    id: 9,
    op: 'write',
    name: 'handshake',
    idempotent: false,
    encodeRequest: (step) =>
      'method' in step
        ? entries([1, HANDSHAKE_METHOD[step.method]], [3, step.nonce])
        : entries([2, step.message]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'handshake');
      if (!f.has(1)) return { message: f.bytes(2) };
      const method = named(HANDSHAKE_METHOD, f.uint(1), 'handshake: method');
      return { method, nonce: f.optionalBytes(3, CHALLENGE_NONCE_BYTES) };
    },
    encodeAnswer: (message) => entries([2, message]),
    decodeAnswer: (body) => Fields.of(body, 'handshake').optionalBytes(2),
  }),
  /** The policy documents in force on a device, one of each type, of the site's issuer. */
  policies: command<None, readonly HeldPolicy[]>({
    id: 10,
    op: 'read',
    name: 'policies',
    idempotent: true,
    encodeRequest: none.encode,
    decodeRequest: none.decode,
    encodeAnswer: (held) => entries([1, held.map(({ type, number }) => [type, number])]),
    decodeAnswer: (body) => {
      const held = Fields.of(body, 'policies').array(1);
      if (held.length > MAX_HELD_POLICIES) throw new CborError('cbor/shape', 'policies: too many');
      return held.map(readHeldPolicy);
    },
  }),
  /** Hands a document over in pieces. A piece that is not the next one is answered with the offset wanted. */
  put: command<Put, { readonly next: number }>({
    id: 10,
    op: 'write',
    name: 'put',
    idempotent: true,
    encodeRequest: (p) => entries([1, PUT_WHAT[p.what]], [2, p.offset], [3, p.data], [4, p.total]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'put');
      const what = named(PUT_WHAT, f.uint(1), 'put: what');
      return { what, offset: f.uint(2), data: f.bytes(3), total: f.optionalUint(4) };
    },
    encodeAnswer: ({ next }) => entries([1, next]),
    decodeAnswer: (body) => ({ next: Fields.of(body, 'put').uint(1) }),
  }),
  /** Has a band answer with its key. A repetition would need another press of the button. */
  challenge: command<Challenge, Uint8Array>({
    id: 11,
    op: 'write',
    name: 'challenge',
    idempotent: false,
    encodeRequest: (c) =>
      entries(
        [1, c.nonce],
        [2, CHALLENGE_WHAT[c.what]],
        [3, c.challenger],
        [4, c.service],
        [5, CHALLENGE_DIRECTION[c.direction]],
      ),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'challenge');
      return {
        nonce: f.bytes(1, CHALLENGE_NONCE_BYTES),
        what: named(CHALLENGE_WHAT, f.uint(2), 'challenge: what'),
        challenger: f.text(3),
        service: f.uint(4),
        direction: named(CHALLENGE_DIRECTION, f.uint(5), 'challenge: direction'),
      };
    },
    encodeAnswer: (message) => entries([1, message]),
    decodeAnswer: (body) => Fields.of(body, 'challenge').bytes(1),
  }),
  /** A provider's band begins a visit with the recipient's: each gives its half of one nonce. */
  meet: command<{ readonly nonce: Uint8Array; readonly service: number }, Uint8Array>({
    id: 12,
    op: 'write',
    name: 'meet',
    idempotent: false,
    encodeRequest: ({ nonce, service }) => entries([1, nonce], [2, service]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'meet');
      return { nonce: f.bytes(1, CHALLENGE_NONCE_BYTES), service: f.uint(2) };
    },
    encodeAnswer: (nonce) => entries([1, nonce]),
    decodeAnswer: (body) => Fields.of(body, 'meet').bytes(1, CHALLENGE_NONCE_BYTES),
  }),
  /** Ends a visit: the provider's band shows the statement with its word on it, the recipient's adds its own. */
  attest: command<{ readonly statement: Uint8Array; readonly answer: Uint8Array }, Uint8Array>({
    id: 13,
    op: 'write',
    name: 'attest',
    idempotent: false,
    encodeRequest: ({ statement, answer }) => entries([1, statement], [2, answer]),
    decodeRequest: (body) => {
      const f = Fields.of(body, 'attest');
      return { statement: f.bytes(1), answer: f.bytes(2) };
    },
    encodeAnswer: (answer) => entries([1, answer]),
    decodeAnswer: (body) => Fields.of(body, 'attest').bytes(1),
  }),
} as const;

function readHeldPolicy(value: CborValue): HeldPolicy {
  const [type, number] = Array.isArray(value) ? (value as readonly CborValue[]) : [];
  if (!isPositive(type) || !isPositive(number)) {
    throw new CborError('cbor/shape', 'policies: an element that is not a type and a number');
  }
  return { type, number };
}

function isPositive(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff_ffff;
}

/** The name of a number in one of the tables above. */
export function named<Table extends Readonly<Record<string, number>>>(
  table: Table,
  number: number,
  what: string,
): keyof Table & string {
  const found = Object.keys(table).find((name) => table[name] === number);
  if (found === undefined) throw new CborError('cbor/shape', `${what} ${number} is unknown`);
  return found;
}
