/** What the protocol itself costs: CBOR in and out, and the records of a log under one seal. */
import {
  chainHash,
  decodeRecord,
  decodeStrict,
  encodeRecord,
  equalBytes,
  sha256,
  verifySeal,
} from '@timeband/protocol';
import { type Bench, type BenchOptions, type Figure, figuresOf } from '../figure.js';
import { microseconds } from '../measure.js';
import { cbor2, cborg } from './others.js';
import { SEALED_RECORDS, type SealedLog, sealedLog } from './sealed-log.js';

export const protocol: Bench = {
  name: 'protocol',
  about: 'strict decoding, encoding, and 100 records under one seal; cborg and cbor2 for comparison',
  run: (options) => Promise.resolve(measure(options)),
};

function measure({ say, scale }: BenchOptions): readonly Figure[] {
  const log = sealedLog();
  const figure = figuresOf('protocol');
  const runMs = 200 * scale;
  const perRecord = (work: (record: Uint8Array) => unknown): number =>
    microseconds(() => {
      for (const record of log.records) work(record);
    }, runMs) / SEALED_RECORDS;

  say('decoding records of 90 bytes');
  const scan = perRecord(sumOf);
  const decode = perRecord(decodeStrict);
  const others = { cborg: perRecord(cborg), cbor2: perRecord(cbor2) };
  say('encoding them');
  const copy = perRecord((record) => record.slice());
  const encode =
    microseconds(() => {
      for (const value of log.values) encodeRecord(value);
    }, runMs) / SEALED_RECORDS;
  say('verifying them under one seal');
  const hash = perRecord(sha256);
  const signature = log.key.sign(log.seal);
  const verify = microseconds(() => log.key.publicKey.verify(log.seal, signature), runMs);
  const sealed =
    microseconds(() => {
      readSealed(log);
    }, runMs) / SEALED_RECORDS;

  return [
    figure('strict_decode_per_second', 1e6 / decode, '1/s', { atLeast: 800_000 }),
    figure('strict_decode_share_of_scan', scan / decode, 'ratio'),
    figure('cborg_strict_decode_per_second', 1e6 / others.cborg, '1/s'),
    figure('cbor2_strict_decode_per_second', 1e6 / others.cbor2, '1/s'),
    figure('encode_per_second', 1e6 / encode, '1/s', { atLeast: 800_000 }),
    figure('encode_share_of_copy', copy / encode, 'ratio'),
    figure('sealed_records_per_second', 1e6 / sealed, 'records/s', { atLeast: 200_000 }),
    // Nobody can read a sealed log without two hashes a record and one verification.
    figure('sealed_records_share_of_hashing', (2 * hash + verify / SEALED_RECORDS) / sealed, 'ratio'),
  ];
}

/** What no decoder can do without: a look at each byte. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum;
}

/** Everything a gateway does to trust the records: the seal's signature, the chain up to it, each record's shape. */
function readSealed(log: SealedLog): void {
  const seal = verifySeal(log.seal, log.key.publicKey, log.site);
  let head = seal.hashBefore;
  for (const record of log.records) {
    head = chainHash(head, record);
    decodeRecord(record);
  }
  if (!equalBytes(head, seal.hashLast)) throw new Error('the seal does not cover the records');
}
