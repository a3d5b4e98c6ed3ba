/** The signed word of a gateway on its trail so far (SPEC.md, Trail). */
import {
  type Certificate,
  decodeCose,
  decodeStrict,
  encode,
  entries,
  externalAad,
  Fields,
  type PrivateKey,
  sha256,
  sign1,
  verifySign1,
} from '@timeband/protocol';

export interface TrailHead {
  readonly gateway: string;
  /** Of the newest entry. */
  readonly seq: number;
  /** Of the chain at that entry, 32 bytes. */
  readonly hash: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
}

/** `h(0)` of the trail of a gateway. */
export function trailGenesis(site: string, gateway: string): Uint8Array {
  return sha256(encode(['tb-trail', 1, site, gateway]));
}

export function signTrailHead(
  key: PrivateKey,
  site: string,
  { gateway, seq, hash, at }: TrailHead,
): Uint8Array {
  return sign1(key, externalAad('trail', site), encode(entries([1, gateway], [2, seq], [3, hash], [4, at])));
}

/** @throws CoseError, CborError */
export function verifyTrailHead(
  bytes: Uint8Array,
  { key, site }: Pick<Certificate, 'key' | 'site'>,
): TrailHead {
  const message = decodeCose(bytes);
  const payload = verifySign1(message, key, externalAad('trail', site));
  const fields = Fields.of(decodeStrict(payload), 'trail head');
  return { gateway: fields.text(1), seq: fields.uint(2), hash: fields.bytes(3), at: fields.uint(4) };
}
