/** An entry of the trail: who did what, by which way, when, and what came of it. Its bytes are what the chain goes over. */
import { decodeStrict, encode, entries, Fields, sha256, toHex } from '@timeband/protocol';

/** By which way somebody came: `box` is the gateway's own commands, `gateway` the gateway itself. */
export const WAYS = ['http', 'mqtt', 'box', 'gateway'] as const;
export type Way = (typeof WAYS)[number];

/** What is to be noted. */
export interface Deed {
  /** Account of the broker; of a command the user of the machine, by that user's own word. */
  readonly account: string;
  /** Role of the account; `box` for whoever may use the gateway's own commands, `gateway` for itself. */
  readonly role: string;
  /** Account of the ledger that the account acts for. */
  readonly organisation?: string | undefined;
  readonly way: Way;
  /** Operation of the API, or a command. */
  readonly action: string;
  /** What was given with it as JSON, or its SHA-256 where that is long. */
  readonly given: string;
  /** `done`, `begun`, or the code of why not. */
  readonly outcome: string;
}

export interface TrailEntry extends Deed {
  readonly seq: number;
  /** Unix seconds. */
  readonly at: number;
}

const LONGEST_GIVEN = 300;
const LONGEST_WORD = 64;

/** What was given, short enough to be kept. */
export function shortly(given: unknown): string {
  const text = given === undefined ? '' : JSON.stringify(given);
  return text.length <= LONGEST_GIVEN ? text : `sha256:${toHex(sha256(Buffer.from(text)))}`;
}

export function encodeEntry(entry: TrailEntry): Uint8Array {
  const { seq, at, account, role, organisation, way, action, given, outcome } = entry;
  return encode(
    entries(
      ...([
        [1, seq],
        [2, at],
        [3, word(account)],
        [4, word(role)],
        [5, way],
        [6, word(action)],
        [7, given.slice(0, LONGEST_GIVEN)],
        [8, word(outcome)],
        [9, organisation],
      ] as const),
    ),
  );
}

/** @throws CborError */
export function decodeEntry(bytes: Uint8Array): TrailEntry {
  const fields = Fields.of(decodeStrict(bytes), 'trail entry');
  const way = fields.text(5);
  return {
    ...{ seq: fields.uint(1), at: fields.uint(2), account: fields.text(3), role: fields.text(4) },
    ...{ way: WAYS.find((one) => one === way) ?? 'gateway', action: fields.text(6) },
    ...{ given: fields.text(7), outcome: fields.text(8) },
    organisation: fields.has(9) ? fields.text(9) : undefined,
  };
}

function word(text: string): string {
  return text.replace(/\p{Cc}/gu, '?').slice(0, LONGEST_WORD);
}
