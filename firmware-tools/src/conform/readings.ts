/** What a device says, read without judging it: judging is for the one check that is about it. */
import {
  type CborMap,
  decodeCose,
  decodeLenient,
  decodeStrict,
  Fields,
  HASH_BYTES,
  LOG_ID_BYTES,
  SEAL_NONCE_BYTES,
} from '@timeband/protocol';

/** The claims of a seal, with what it was asked for. */
export interface SealClaims {
  readonly bytes: Uint8Array;
  readonly seal: {
    readonly logId: Uint8Array;
    readonly first: number;
    readonly last: number;
    readonly hashBefore: Uint8Array;
    readonly hashLast: Uint8Array;
    readonly nonce: Uint8Array;
    readonly boot: number;
    readonly uptime: number;
    /** As in a record; wall and age where the quality has them. */
    readonly quality: number;
    readonly wall: number | undefined;
    readonly age: number | undefined;
  };
  readonly asked: { readonly nonce: Uint8Array; readonly upto: number };
}

/** @throws CoseError, CborError when it is no seal at all */
export function readSeal(bytes: Uint8Array): Omit<SealClaims, 'asked'> {
  const fields = Fields.of(decodeStrict(decodeCose(bytes).payload ?? new Uint8Array()), 'seal');
  return {
    bytes,
    seal: {
      logId: fields.bytes(1, LOG_ID_BYTES),
      first: fields.uint(2),
      last: fields.uint(3),
      hashBefore: fields.bytes(4, HASH_BYTES),
      hashLast: fields.bytes(5, HASH_BYTES),
      nonce: fields.bytes(6, SEAL_NONCE_BYTES),
      boot: fields.uint(7),
      uptime: fields.uint(8),
      quality: fields.uint(9),
      wall: fields.optionalUint(10),
      age: fields.optionalUint(11),
    },
  };
}

/** A record's envelope, whatever the form it was encoded in. */
export interface RecordClaims {
  readonly kind: number;
  readonly seq: number;
  readonly boot: number;
  readonly uptime: number;
  readonly salt: Uint8Array;
  readonly body: CborMap;
}

/** @throws CborError when it is no record at all */
export function readRecordClaims(bytes: Uint8Array): RecordClaims {
  const fields = Fields.of(decodeLenient(bytes), 'record');
  const body = fields.get(9);
  Fields.of(body, 'record.body');
  return {
    kind: fields.uint(1),
    seq: fields.uint(2),
    boot: fields.uint(3),
    uptime: fields.uint(4),
    salt: fields.bytes(8),
    body: body as CborMap,
  };
}
