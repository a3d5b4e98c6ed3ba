/** Records and what is signed about them (SPEC.md, Record, Log, Seal, Ack, Clock). */
import { equalBytes } from '../../bytes.js';
import { decodeStrict } from '../../cbor/index.js';
import { decodeCose } from '../../cose/index.js';
import { sha256 } from '../../crypto/index.js';
import { LogError } from '../../errors.js';
import {
  decodeRecord,
  decodeRecordProof,
  LOG_ID_BYTES,
  receiveRecord,
  verifyAck,
  verifyClock,
  verifyRecordProof,
  verifySealedRecords,
  verifySeal,
} from '../../log/index.js';
import { readBody } from '../../records/index.js';
import { trustOf } from './trust.js';
import type { Verify } from './verify.js';

/** The body as its kind reads it, or as it stands where the kind is of a later version. */
export const record: Verify = (bytes) => {
  const decoded = decodeRecord(bytes);
  const body = readBody(decoded.kind, decoded.body);
  return { ...decoded, body: body.kind === 'other' ? decoded.body : body.value };
};

/** The bytes that `h(0)` is computed over. `context.logId` is what the device says. */
export const genesis: Verify = (bytes, context) => {
  const hash = sha256(bytes);
  const logId = hash.subarray(0, LOG_ID_BYTES);
  if (!equalBytes(logId, context.bytes('logId'))) {
    throw new LogError('log/genesis', 'the log id does not follow from the genesis');
  }
  return { preimage: decodeStrict(bytes), hash, logId };
};

export const seal: Verify = (bytes, context) => {
  const verified = verifySeal(bytes, context.verificationKey('key'), context.text('site'));
  return { ...verified, bytes: undefined };
};

/**
 * Records under a seal. `context.stored` says where the log stands: its id, the newest stored record and its hash;
 * `context.records` are the bytes received after it.
 */
export const sealedRecords: Verify = (bytes, context) => {
  const stored = context.inside('stored');
  const position = { logId: stored.bytes('log'), head: stored.number('head'), hash: stored.bytes('hash') };
  const received = context
    .bytesList('records')
    .map((record, i) => receiveRecord(record, position.head + i + 1));
  const { seal, records, hash } = verifySealedRecords(
    bytes,
    context.verificationKey('key'),
    context.text('site'),
    context.bytes('nonce'),
    position,
    received,
  );
  // Each record knows the hash before it; the first one's is that of what is stored.
  return {
    last: seal.last,
    hashes: records.length === 0 ? [] : [...records.slice(1).map((one) => one.previous), hash],
  };
};

/** A proof of one record, under the device's certificate, which the issuer in the context has to have signed. */
export const recordProof: Verify = (bytes, context) => {
  const proof = decodeRecordProof(bytes);
  const { key, subject } = trustOf(context).verify(proof.certificate, {
    roles: ['reader', 'band', 'gateway'],
    site: context.text('site'),
  });
  const { id } = verifyRecordProof(proof, key, context.text('site'));
  return { device: subject, seq: proof.seq, record: proof.record, sealId: id };
};

export const ack: Verify = (bytes, context) =>
  verifyAck(decodeCose(bytes), context.verificationKey('key'), context.text('site'));

export const clock: Verify = (bytes, context) =>
  verifyClock(decodeCose(bytes), context.verificationKey('key'), context.text('site'));
