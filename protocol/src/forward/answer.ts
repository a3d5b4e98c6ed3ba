/** What the gateway that counts answers to a forward; with it comes its ack for the device (SPEC.md, Forward). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import type { Certificate, TrustStore } from '../cwt/index.js';
import { ForwardError } from '../errors.js';
import { HASH_BYTES } from '../log/index.js';

const OUTCOME = { stored: 1, lacks: 2, refused: 3, later: 4 } as const;

export type ForwardOutcome =
  /** Everything of the log up to `upto` is durable; `ack` is for the device. */
  | { readonly outcome: 'stored'; readonly upto: number; readonly hash: Uint8Array; readonly ack: Uint8Array }
  /** What follows `upto`, where the hash is this, has to come first. */
  | { readonly outcome: 'lacks'; readonly upto: number; readonly hash: Uint8Array }
  /** It does not hold, and will not by being sent again. */
  | { readonly outcome: 'refused'; readonly code: string }
  /** Not now. */
  | { readonly outcome: 'later'; readonly code: string };

export type ForwardAnswer = ForwardOutcome & {
  readonly site: string;
  /** Who answers. */
  readonly gateway: string;
  /** Whose forward it was. */
  readonly to: string;
  readonly number: number;
  /** SHA-256 of the forward's payload. */
  readonly digest: Uint8Array;
};

/** @param own the answering gateway's certificate, CWT bytes */
export function signForwardAnswer(key: PrivateKey, own: Uint8Array, answer: ForwardAnswer): Uint8Array {
  const place = answer.outcome === 'stored' || answer.outcome === 'lacks' ? answer : undefined;
  const payload = encode(
    entries(
      [1, answer.site],
      [2, answer.gateway],
      [3, answer.to],
      [4, answer.number],
      [5, answer.digest],
      [6, OUTCOME[answer.outcome]],
      [7, place?.upto],
      [8, place?.hash],
      [9, answer.outcome === 'stored' ? answer.ack : undefined],
      [10, answer.outcome === 'refused' || answer.outcome === 'later' ? answer.code : undefined],
      [11, own],
    ),
  );
  return sign1(key, externalAad('forward-answer', answer.site), payload);
}

export interface AnswerDemand {
  readonly trust: TrustStore;
  readonly site: string;
  /** Unix seconds. */
  readonly now: number | undefined;
  /** Id of the gateway that was asked. */
  readonly gateway: string;
  /** Id of who asked. */
  readonly to: string;
}

/**
 * Opens an answer: signed by the gateway that was asked.
 * @returns it, with that gateway's certificate, which devices want to see before its ack
 * @throws ForwardError `forward/shape`, `forward/refused`; CborError, CoseError, CertificateError
 */
export function openForwardAnswer(
  bytes: Uint8Array,
  { trust, site, now, gateway, to }: AnswerDemand,
): { readonly answer: ForwardAnswer; readonly certificate: Certificate } {
  const message = decodeCose(bytes);
  const fields = Fields.of(decodeStrict(message.payload ?? new Uint8Array()), 'answer to a forward');
  const certificate = trust.verify(fields.bytes(11), { roles: ['gateway'], site, now });
  verifySign1(message, certificate.key, externalAad('forward-answer', site));
  const about = {
    site: fields.text(1),
    gateway: fields.text(2),
    to: fields.text(3),
    number: fields.uint(4),
    digest: fields.bytes(5, HASH_BYTES),
  };
  if (
    about.site !== site ||
    about.gateway !== gateway ||
    certificate.subject !== gateway ||
    about.to !== to
  ) {
    throw new ForwardError('forward/refused', `an answer of ${certificate.subject} that is not for us`);
  }
  return { answer: { ...about, ...outcomeOf(fields) }, certificate };
}

function outcomeOf(fields: Fields): ForwardOutcome {
  const place = () => ({ upto: fields.uint(7), hash: fields.bytes(8, HASH_BYTES) });
  switch (fields.uint(6)) {
    case OUTCOME.stored:
      return { outcome: 'stored', ...place(), ack: fields.bytes(9) };
    case OUTCOME.lacks:
      return { outcome: 'lacks', ...place() };
    case OUTCOME.refused:
      return { outcome: 'refused', code: codeIn(fields) };
    case OUTCOME.later:
      return { outcome: 'later', code: codeIn(fields) };
    default:
      throw new ForwardError('forward/shape', 'an answer of no known outcome');
  }
}

/** It goes into counters and logs. */
function codeIn(fields: Fields): string {
  const code = fields.text(10);
  if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(code) || code.length > 64) {
    throw new ForwardError('forward/shape', 'an answer with a code that is none');
  }
  return code;
}
