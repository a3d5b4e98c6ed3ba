/** What a command of group 84 is: its number, its direction, and the shapes of request and answer (SPEC.md, Commands). */
import type { CborMap } from '../cbor/index.js';
import type { SmpClient } from './client.js';

/** In SMP's user range, which starts at 64. */
export const TIMEBAND_GROUP = 84;

/** Result codes of group 84, in version 2 errors `{err: {group: 84, rc}}`. */
export const REFUSAL = {
  /** No such record, or no longer. */
  notAvailable: 2,
  /** A signature, certificate, site or log id that does not hold. */
  notTrusted: 3,
  /** The signer's certificate has not been presented: say `hello`. */
  unknownGateway: 4,
  /** The clock nonce was used already, or is of an earlier start. */
  staleNonce: 5,
  /** An ack whose hash is not the log's. */
  hashMismatch: 6,
  /** An ack beyond what was sealed. */
  notSealed: 7,
  /** No gateway has proven itself on this link. */
  notIntroduced: 8,
  /** The button was not pressed within the last 10 s. */
  notPressed: 9,
  /** Another exchange is under way. */
  busy: 10,
  /** A statement of a visit that is not the one this band lived through. */
  disagrees: 12,
  /** The device belongs to no site yet. */
  notProvisioned: 13,
  /** The device belongs to a site already: it has to be wiped first. */
  provisioned: 14,
  /** A wipe would lose records that nobody acknowledged. */
  unacknowledged: 15,
} as const;

export interface Command<Request, Answer> {
  readonly id: number;
  readonly op: 'read' | 'write';
  readonly name: string;
  readonly idempotent: boolean;
  readonly encodeRequest: (request: Request) => CborMap;
  /** @throws CborError `cbor/shape` */
  readonly decodeRequest: (body: CborMap) => Request;
  readonly encodeAnswer: (answer: Answer) => CborMap;
  /** @throws CborError `cbor/shape` */
  readonly decodeAnswer: (body: CborMap) => Answer;
}

/** A request or answer without content. */
export type None = undefined;
export const none = { encode: (): CborMap => new Map(), decode: (): None => undefined };

export function command<Request, Answer>(definition: Command<Request, Answer>): Command<Request, Answer> {
  return definition;
}

/** Runs one of the commands over a client. @throws SmpError, LinkError, CborError */
export async function call<Request, Answer>(
  client: SmpClient,
  { id, op, name, idempotent, encodeRequest, decodeAnswer }: Command<Request, Answer>,
  request: Request,
): Promise<Answer> {
  const answer = await client.request({
    op,
    group: TIMEBAND_GROUP,
    id,
    name,
    idempotent,
    body: encodeRequest(request),
  });
  return decodeAnswer(answer);
}
