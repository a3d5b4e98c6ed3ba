/**
 * Revocation lists: which keys are believed no longer, from when on, and how far their logs stay good. What a revoked
 * key sends later is kept for people to review, since a band that was found may be honest (SPEC.md, Revocations).
 */
import { equalBytes, toHex } from '../bytes.js';
import { entries, Fields, type CborMap, type CborValue } from '../cbor/index.js';
import { PolicyError } from '../errors.js';
import { HASH_BYTES, LOG_ID_BYTES } from '../log/chain.js';

const REASON = { lost: 1, compromised: 2, replaced: 3, retired: 4 } as const;
export type RevocationReason = keyof typeof REASON;

/** A place in a log up to which a revoked key is still believed: the records that hash to this. */
export interface LastTrusted {
  readonly logId: Uint8Array;
  readonly seq: number;
  /** `h(seq)` */
  readonly hash: Uint8Array;
}

export interface Revocation {
  /** Of the revoked key, 32 bytes. */
  readonly thumbprint: Uint8Array;
  /** Unix seconds from which on the key is believed no longer. */
  readonly at: number;
  readonly lastTrusted?: LastTrusted | undefined;
  /** Absent where none is given, or one of a later version. */
  readonly reason?: RevocationReason | undefined;
}

/** A record of a revoked key is either still good, or kept for people to decide on. */
export type Verdict = 'trusted' | 'review';

/** Where a record stands in the log of the key that sealed it. */
export interface RecordPlace {
  readonly logId: Uint8Array;
  readonly seq: number;
  /** `h(seq)` of this log where it is known: a log may be of the right id and tell another story. */
  readonly hashAt: (seq: number) => Uint8Array | undefined;
  /**
   * When a gateway received the record under its seal, Unix seconds. What the device says of its time counts for
   * nothing: whoever has its key says what he likes.
   */
  readonly received: number;
}

/** What becomes of a record whose key was revoked. */
export function judge({ at, lastTrusted }: Revocation, place: RecordPlace): Verdict {
  if (lastTrusted !== undefined && equalBytes(lastTrusted.logId, place.logId)) {
    if (place.seq > lastTrusted.seq) return 'review';
    const hash = place.hashAt(lastTrusted.seq);
    return hash !== undefined && equalBytes(hash, lastTrusted.hash) ? 'trusted' : 'review';
  }
  return place.received < at ? 'trusted' : 'review';
}

/** The revoked keys of one list, found by thumbprint. */
export class RevocationList implements Iterable<Revocation> {
  private readonly byThumbprint = new Map<string, Revocation>();

  constructor(revocations: Iterable<Revocation> = []) {
    for (const revocation of revocations) this.byThumbprint.set(toHex(revocation.thumbprint), revocation);
  }

  get size(): number {
    return this.byThumbprint.size;
  }

  find(thumbprint: Uint8Array): Revocation | undefined {
    return this.byThumbprint.get(toHex(thumbprint));
  }

  verdict(thumbprint: Uint8Array, place: RecordPlace): Verdict {
    const revocation = this.find(thumbprint);
    return revocation === undefined ? 'trusted' : judge(revocation, place);
  }

  [Symbol.iterator](): IterableIterator<Revocation> {
    return this.byThumbprint.values();
  }
}

/**
 * The body of a policy document of type revocations: ascending by thumbprint, each key once.
 * @throws PolicyError `policy/shape` for a key that stands twice: which of the two counts is not for us to say
 */
export function revocationsBody(list: Iterable<Revocation>): CborMap {
  const sorted = [...list].sort((a, b) => (toHex(a.thumbprint) < toHex(b.thumbprint) ? -1 : 1));
  if (new RevocationList(sorted).size < sorted.length) {
    throw new PolicyError('policy/shape', 'a key is revoked twice in one list');
  }
  return entries([1, sorted.map(revocationMap)]);
}

function revocationMap({ thumbprint, at, lastTrusted, reason }: Revocation): CborMap {
  return entries(
    [1, thumbprint],
    [2, at],
    [3, lastTrusted?.logId],
    [4, lastTrusted?.seq],
    [5, lastTrusted?.hash],
    [6, reason === undefined ? undefined : REASON[reason]],
  );
}

/** Reads what {@link revocationsBody} wrote. @throws CborError, PolicyError `policy/shape` */
export function readRevocations(body: Fields): RevocationList {
  const list = body.array(1).map(readRevocation);
  let before = '';
  for (const { thumbprint } of list) {
    const current = toHex(thumbprint);
    if (current <= before) {
      throw new PolicyError('policy/shape', 'revocations are not ascending by thumbprint, each once');
    }
    before = current;
  }
  return new RevocationList(list);
}

function readRevocation(value: CborValue): Revocation {
  const fields = Fields.of(value, 'revocation');
  const number = fields.optionalUint(6);
  return {
    thumbprint: fields.bytes(1, HASH_BYTES),
    at: fields.uint(2),
    // All three or none: a half-named place would be believed as nobody meant it.
    lastTrusted: [3, 4, 5].some((key) => fields.has(key))
      ? {
          logId: fields.bytes(3, LOG_ID_BYTES),
          seq: fields.uint(4),
          hash: fields.bytes(5, HASH_BYTES),
        }
      : undefined,
    reason: (Object.keys(REASON) as RevocationReason[]).find((name) => REASON[name] === number),
  };
}
