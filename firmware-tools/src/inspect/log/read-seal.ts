/** What a seal says, before anybody has verified it. */
import {
  decodeCose,
  decodeStrict,
  type DeviceTime,
  Fields,
  HASH_BYTES,
  LOG_ID_BYTES,
  type Seal,
  SEAL_NONCE_BYTES,
} from '@timeband/protocol';

const QUALITY_SET = 2;

/** For showing to a person, never for trusting. @throws CoseError, CborError when it is no seal at all */
export function readUnverifiedSeal(bytes: Uint8Array): Seal {
  const fields = Fields.of(decodeStrict(decodeCose(bytes).payload ?? new Uint8Array()), 'seal');
  return {
    logId: fields.bytes(1, LOG_ID_BYTES),
    first: fields.uint(2),
    last: fields.uint(3),
    hashBefore: fields.bytes(4, HASH_BYTES),
    hashLast: fields.bytes(5, HASH_BYTES),
    nonce: fields.bytes(6, SEAL_NONCE_BYTES),
    boot: fields.uint(7),
    uptime: fields.uint(8),
    time: timeOf(fields),
  };
}

function timeOf(fields: Fields): DeviceTime {
  const quality = fields.uint(9);
  if (quality === 0) return { quality: 'unset' };
  const wall = fields.uint(10);
  return quality === QUALITY_SET
    ? { quality: 'set', wall, age: fields.uint(11) }
    : { quality: 'free-running', wall };
}
