/** A hundred records of 90 bytes and the seal over them, as a gateway reads them from a reader. */
import {
  chainHash,
  encodeRecord,
  type Genesis,
  genesisHash,
  KIND,
  logIdOf,
  PrivateKey,
  punchBody,
  randomBytes,
  type Record,
  signSeal,
} from '@timeband/protocol';
import { SITE } from '../site.js';

export const SEALED_RECORDS = 100;
const RECORD_BYTES = 90;

export interface SealedLog {
  readonly key: PrivateKey;
  readonly site: string;
  /** `h(0)` and the hash after the last record. */
  readonly before: Uint8Array;
  readonly head: Uint8Array;
  readonly values: readonly Record[];
  /** The same, encoded. They lie behind each other in one message, as the command `records` answers with them. */
  readonly records: readonly Uint8Array[];
  readonly seal: Uint8Array;
}

export function sealedLog(): SealedLog {
  const key = PrivateKey.generate();
  const genesis: Genesis = { site: SITE, device: 'reader-1', thumbprint: randomBytes(32), epoch: 1 };
  const before = genesisHash(genesis);
  const values = Array.from({ length: SEALED_RECORDS }, (_, i) => punch(100_000 + i));
  const records = inOneMessage(values.map(encodeRecord));
  let head = before;
  for (const record of records) head = chainHash(head, record);
  const seal = signSeal(key, SITE, {
    logId: logIdOf(before),
    first: 1,
    last: SEALED_RECORDS,
    hashBefore: before,
    hashLast: head,
    nonce: randomBytes(16),
    boot: 3,
    uptime: 300_000,
    time: { quality: 'set', wall: 1_790_000_000, age: 3_600 },
  });
  return { key, site: SITE, before, head, values, records, seal };
}

/** A check-in by a tag that proves itself, helped by an operator. */
function punch(seq: number): Record {
  const proof = { kind: 'sun', uid: randomBytes(7), counter: 70_000, mac: randomBytes(8) } as const;
  return {
    kind: KIND.punch,
    seq,
    boot: 3,
    uptime: 86_400 + seq,
    time: { quality: 'set', wall: 1_790_000_000 + seq, age: 3_600 },
    salt: randomBytes(8),
    body: punchBody({ direction: 'in', service: 101, proof, assisted: 'operator-1234' }),
  };
}

function inOneMessage(records: readonly Uint8Array[]): readonly Uint8Array[] {
  const message = new Uint8Array(records.length * RECORD_BYTES);
  return records.map((record, i) => {
    if (record.length !== RECORD_BYTES)
      throw new Error(`a record of ${record.length} bytes, not ${RECORD_BYTES}`);
    message.set(record, i * RECORD_BYTES);
    return message.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
  });
}
