/**
 * Policy documents: what an issuer, or the city's root, tells devices and gateways to go by, signed and numbered.
 * For devices that only MAC their gateway wraps the same payload anew (SPEC.md, Policy).
 */
import { decodeStrict, encode, entries, Fields, type CborMap } from '../cbor/index.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import { TrustStore } from '../cwt/index.js';
import { PolicyError, TimebandError } from '../errors.js';
import { isId } from '../ids.js';
import { authenticate, type DeviceKey, verifyAuthentic } from '../keys/index.js';
import { readRevocations, type Revocation, type RevocationList, revocationsBody } from './revocations.js';

/** Numbers of the types on the wire. */
export const POLICY_TYPE = { catalogue: 1, rules: 2, revocations: 3, keys: 4, primary: 5 } as const;
export type PolicyType = keyof typeof POLICY_TYPE;

/** Types that a root may sign: it speaks of issuers, not of how a site is run. */
const OF_ROOTS: readonly PolicyType[] = ['revocations', 'keys'];

/** What a document says. A catalogue and rules are maps that whoever applies them reads. */
export type PolicyContent =
  | { readonly type: 'catalogue'; readonly body: CborMap }
  | { readonly type: 'rules'; readonly body: CborMap }
  | { readonly type: 'revocations'; readonly revocations: RevocationList }
  /** Certificates of issuers, and of the signer's own successor. */
  | { readonly type: 'keys'; readonly certificates: readonly Uint8Array[] }
  /** The one gateway of the site that posts, numbers and acknowledges; `term` grows when it changes. */
  | { readonly type: 'primary'; readonly gateway: string; readonly term: number };

/** The same, to be written: a list of revocations in any order. */
export type PolicyDraft =
  | Exclude<PolicyContent, { type: 'revocations' }>
  | { readonly type: 'revocations'; readonly revocations: Iterable<Revocation> };

export interface PolicyHeader {
  /** From 1; only grows, within what one key signs of one type. */
  readonly number: number;
  /** Unix seconds. */
  readonly issued: number;
  /** The issuer's site; of a root's document the city. */
  readonly site: string;
}

/** A document that verified. */
export interface PolicyDocument extends PolicyHeader {
  readonly content: PolicyContent;
  /** Id of the key it was verified with, within which numbers grow. */
  readonly signer: Uint8Array;
  /** What was signed. Two documents are the same when these bytes are. */
  readonly payload: Uint8Array;
  /** The message, to hand on. */
  readonly bytes: Uint8Array;
}

/** @throws CborError for numbers beyond 32 bits */
export function signPolicy(key: PrivateKey, header: PolicyHeader, draft: PolicyDraft): Uint8Array {
  const { number, issued, site } = header;
  const payload = encode(
    entries([1, POLICY_TYPE[draft.type]], [2, number], [3, issued], [4, site], [5, bodyOf(draft)]),
  );
  return sign1(key, externalAad('policy', site), payload);
}

/** The same document for a device that only MACs, from a gateway that has verified it. */
export function wrapPolicy(key: DeviceKey, { site, payload }: PolicyDocument): Uint8Array {
  return authenticate(key, 'policy', site, payload);
}

/** For whom a document is opened. `now` is Unix seconds; without it no validity is looked at. */
export interface PolicyDemand {
  readonly site: string;
  readonly now?: number | undefined;
}

/**
 * Opens a policy document: one that an authority of the trust store signed, or, on a device that only MACs, one that
 * its gateway wrapped. Whether its number may be taken, a {@link PolicyShelf} says.
 *
 * @throws PolicyError `policy/refused` by whom it may not be; `policy/shape` when it is none
 */
export function openPolicy(
  bytes: Uint8Array,
  source: TrustStore | DeviceKey,
  { site, now }: PolicyDemand,
): PolicyDocument {
  try {
    const message = decodeCose(bytes);
    if (!(source instanceof TrustStore)) {
      const payload = verifyAuthentic(message, source, 'policy', site);
      return { ...decodePayload(payload, site), signer: source.kid, payload, bytes };
    }
    const speaker = source.speaker(message.kid, now);
    const home = speaker.certificate?.site ?? site;
    if (speaker.role === 'issuer' && home !== site) {
      throw new PolicyError('policy/refused', `a policy of ${home}, which is another site`);
    }
    const payload = verifySign1(message, speaker.key, externalAad('policy', home));
    const document = { ...decodePayload(payload, home), signer: speaker.kid, payload, bytes };
    if (speaker.role === 'root' && !OF_ROOTS.includes(document.content.type)) {
      throw new PolicyError('policy/refused', `a root does not say a site's ${document.content.type}`);
    }
    return document;
  } catch (error) {
    if (!(error instanceof TimebandError) || error instanceof PolicyError) throw error;
    const code = error.code.startsWith('cbor/') ? 'policy/shape' : 'policy/refused';
    throw new PolicyError(code, `not a policy to go by: ${error.message}`, { cause: error.code });
  }
}

function decodePayload(
  payload: Uint8Array,
  site: string,
): Omit<PolicyDocument, 'signer' | 'payload' | 'bytes'> {
  const fields = Fields.of(decodeStrict(payload), 'policy');
  if (fields.text(4) !== site) throw new PolicyError('policy/refused', 'a policy that names another site');
  const number = fields.uint(2);
  if (number === 0) throw new PolicyError('policy/shape', 'policies are numbered from 1');
  return { content: readBody(readPolicyType(fields.uint(1)), fields), number, issued: fields.uint(3), site };
}

/** @throws PolicyError `policy/shape` for a number that is none of ours */
export function readPolicyType(number: number): PolicyType {
  const type = (Object.keys(POLICY_TYPE) as PolicyType[]).find((name) => POLICY_TYPE[name] === number);
  if (type === undefined) throw new PolicyError('policy/shape', `policy type ${number} is unknown`);
  return type;
}

function bodyOf(draft: PolicyDraft): CborMap {
  switch (draft.type) {
    case 'catalogue':
    case 'rules':
      return draft.body;
    case 'revocations':
      return revocationsBody(draft.revocations);
    case 'keys':
      return entries([1, draft.certificates]);
    case 'primary':
      return entries([1, draft.gateway], [2, draft.term]);
  }
}

function readBody(type: PolicyType, document: Fields): PolicyContent {
  const body = document.fields(5);
  switch (type) {
    case 'catalogue':
    case 'rules':
      return { type, body: document.get(5) as CborMap };
    case 'revocations':
      return { type, revocations: readRevocations(body) };
    case 'keys':
      return { type, certificates: body.array(1).map(bytesOf) };
    case 'primary': {
      const gateway = body.text(1);
      if (!isId(gateway)) throw new PolicyError('policy/shape', 'a primary that is no id');
      return { type, gateway, term: body.uint(2) };
    }
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new PolicyError('policy/shape', 'a certificate that is not bytes');
}
