/** A record with a pseudonym in the place of an account, and nothing left in it by which somebody could guess what it was. */
import {
  actionId,
  approvedBody,
  type CborMap,
  type CborValue,
  concat,
  decodeRecord,
  decodeStrict,
  encode,
  encodeRecord,
  KIND,
  SALT_BYTES,
  sha256,
  toHex,
} from '@timeband/protocol';

export interface Substitute {
  readonly bytes: Uint8Array;
  /** Ids of what people approved in it, before and after, in hexadecimal. */
  readonly action?: { readonly before: string; readonly after: string };
}

const APPROVED: readonly number[] = [KIND.enrol, KIND.correct, KIND.transfer];
const NONCE = 1;

/**
 * The salt of the record and the signatures of the approvals go: with them a short list of accounts could be tried out. The nonce of an
 * action is replaced by one that two copies of the same action still share.
 *
 * @param salt kept by nobody
 * @throws CborError, RecordError
 */
export function substituteOf(
  record: Uint8Array,
  account: string,
  pseudonym: string,
  salt: Uint8Array,
): Substitute {
  const says = decodeRecord(record);
  const rename = (value: CborValue): CborValue => renamed(value, account, pseudonym);
  const plain = { ...says, salt: new Uint8Array(SALT_BYTES) };
  const action = says.body.get(1);
  if (!APPROVED.includes(says.kind) || !(action instanceof Uint8Array))
    return { bytes: encodeRecord({ ...plain, body: rename(says.body) as CborMap }) };
  const fields = new Map(rename(decodeStrict(action)) as CborMap);
  const nonce = fields.get(NONCE);
  if (nonce instanceof Uint8Array) fields.set(NONCE, sha256(concat(salt, nonce)).slice(0, nonce.length));
  const after = encode(fields);
  return {
    bytes: encodeRecord({ ...plain, body: approvedBody(after, []) }),
    action: { before: toHex(actionId(action)), after: toHex(actionId(after)) },
  };
}

function renamed(value: CborValue, account: string, pseudonym: string): CborValue {
  if (value === account) return pseudonym;
  if (Array.isArray(value)) return (value as CborValue[]).map((one) => renamed(one, account, pseudonym));
  if (!(value instanceof Map)) return value;
  const map = value as CborMap;
  return new Map([...map].map(([key, inner]) => [key, renamed(inner, account, pseudonym)]));
}
