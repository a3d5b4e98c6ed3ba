/** Records, the log's beginning, seals and what they cover. */
import { fromHex } from '../../bytes.js';
import { encode, entries, type CborValue } from '../../cbor/index.js';
import {
  coseLabel,
  deviceLabel,
  genesisLabel,
  punchLabel,
  recordLabel,
  sealLabel,
} from '../../cbor-text/index.js';
import { externalAad, keyThumbprint, sign1 } from '../../cose/index.js';
import { encodeRecord, signAck, signSeal, type Seal } from '../../log/index.js';
import { KIND } from '../../records/index.js';
import type { VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { ackOfTwo } from './documents.js';
import { invalid, valid, vectorFile } from './draft.js';
import * as scene from './scene.js';
import { afterBoot, boot, genesis, head, keys, logId, nonce, punch, sealed, site } from './scene.js';

type Pairs = readonly (readonly [number, CborValue])[];

export const genesisFile = (): VectorFile => {
  const thumbprint = keyThumbprint(keys.reader.publicKey);
  const first = ['tb-log', 1, site, 'reader-1', thumbprint, 1, null, null, null];
  const second = ['tb-log', 1, site, 'reader-1', thumbprint, 2, logId, 2, head];
  const secondId = fromHex('c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2');
  return vectorFile(
    {
      structure: 'genesis',
      section: 'Log',
      about: 'What h(0) is computed over. The context has the log id that the device names.',
    },
    { reader: keys.reader },
    [
      valid(
        'epoch 1',
        encode(first),
        { preimage: first, hash: genesis, logId },
        { label: genesisLabel, context: { logId }, cddl: 'log-genesis' },
      ),
      invalid('epoch 2 under a log id that does not follow from it', encode(second), 'log/genesis', {
        label: genesisLabel,
        context: { logId: secondId },
        cddl: 'log-genesis',
      }),
    ],
  );
};

export const records = (): VectorFile => {
  const { bootRecord, punchRecord } = scene;
  const uid = { kind: 'uid', uid: scene.uid };
  const device = { label: recordLabel(deviceLabel), cddl: 'record' };
  const tap = { label: recordLabel(punchLabel), cddl: 'record' };
  const later = { ...bootRecord, kind: 99, body: entries([1, 'from a later version'], [7, [1, 2]]) };
  const body = (...fields: Pairs): Uint8Array => encodeRecord({ ...punchRecord, body: entries(...fields) });
  const fields = (...changed: Pairs): Uint8Array => encode(entries(...changed));
  const salt = bootRecord.salt;
  return vectorFile(
    { structure: 'record', section: 'Record', about: 'The envelope of everything a device logs.' },
    {},
    [
      valid(
        'a device record: the device started',
        boot,
        { ...bootRecord, body: { event: 'boot', firmware: '1.0.0' } },
        device,
      ),
      valid(
        'a punch with a tag that shows its UID',
        punch,
        { ...punchRecord, body: { direction: 'in', service: 7, proof: uid } },
        tap,
      ),
      valid(
        'the clock is free-running',
        encodeRecord({ ...punchRecord, time: { quality: 'free-running', wall: 1_750_003_600 } }),
        {
          ...punchRecord,
          time: { quality: 'free-running', wall: 1_750_003_600 },
          body: { direction: 'in', service: 7, proof: uid },
        },
        tap,
      ),
      valid('a kind from a later version', encodeRecord(later), later, {
        label: recordLabel(),
        cddl: 'record',
      }),
      invalid('not a map', encode([1, 2]), 'cbor/shape'),
      invalid(
        'a salt of seven bytes',
        fields([1, KIND.device], [2, 1], [3, 1], [4, 0], [5, 0], [8, salt.subarray(1)], [9, new Map()]),
        'cbor/shape',
        device,
      ),
      invalid(
        'a clock that is set but shows no age',
        fields(
          [1, KIND.device],
          [2, 1],
          [3, 1],
          [4, 0],
          [5, 2],
          [6, 1_750_003_600],
          [8, salt],
          [9, new Map()],
        ),
        'cbor/shape',
        device,
      ),
      invalid(
        'a time quality that nobody defined',
        fields([1, KIND.device], [2, 1], [3, 1], [4, 0], [5, 3], [8, salt], [9, new Map()]),
        'cbor/shape',
        device,
      ),
      invalid(
        'no body',
        fields([1, KIND.device], [2, 1], [3, 1], [4, 0], [5, 0], [8, salt]),
        'cbor/shape',
        device,
      ),
      invalid(
        'a punch in a direction that nobody defined',
        body([1, 3], [2, 7], [3, entries([1, scene.uid])]),
        'cbor/shape',
        tap,
      ),
      invalid(
        'a punch with a UID of three bytes',
        body([1, 1], [2, 7], [3, entries([1, new Uint8Array(3)])]),
        'cbor/shape',
        tap,
      ),
      invalid('a record with a byte after it', Uint8Array.from([...boot, 0]), 'cbor/trailing-bytes', device),
    ],
  );
};

const signing = { key: 'reader', site };

export const seals = (): VectorFile => {
  const label = coseLabel(sealLabel);
  const seal = { label, context: signing, cddl: 'seal' };
  const empty: Seal = { ...sealed, first: 3, last: 2, hashBefore: head, time: { quality: 'unset' } };
  const emptyBytes = signSeal(keys.reader, site, empty);
  const short = sign1(keys.reader, externalAad('seal', site), encode(entries([1, logId])));
  return vectorFile(
    { structure: 'seal', section: 'Seal', about: 'A signature over the state of a log.' },
    { reader: keys.reader, gateway: keys.gateway },
    [
      valid('two records', scene.seal, { ...sealed, id: scene.sealId }, seal),
      valid(
        'no records: first is one past last',
        emptyBytes,
        { ...empty, id: scene.sealIdOf(emptyBytes) },
        seal,
      ),
      invalid('one bit of the signature changed', damaged(scene.seal), 'seal/signature', seal),
      invalid('by another key', scene.seal, 'seal/signature', {
        label,
        context: { ...signing, key: 'gateway' },
      }),
      invalid('for another site', scene.seal, 'seal/signature', {
        label,
        context: { ...signing, site: 'xiaohaiyang' },
      }),
      invalid('an ack of the same key', signAck(keys.reader, ackOfTwo), 'seal/signature', {
        label,
        context: signing,
      }),
      invalid(
        'a range that cannot be',
        signSeal(keys.reader, site, { ...sealed, first: 0, last: 2 }),
        'seal/range',
        { label, context: signing },
      ),
      invalid('most fields missing', short, 'cbor/shape', { label, context: signing }),
    ],
  );
};

export const sealedRecords = (): VectorFile => {
  const label = coseLabel(sealLabel);
  const start = { log: logId, head: 0, hash: genesis };
  const afterFirst = { log: logId, head: 1, hash: afterBoot };
  const about = (stored: typeof start, received: readonly Uint8Array[], asked = nonce) => ({
    label,
    context: { ...signing, nonce: asked, stored, records: received },
  });
  const second = signSeal(keys.reader, site, { ...sealed, first: 2, hashBefore: afterBoot });
  const later = signSeal(keys.reader, site, { ...sealed, first: 2, hashBefore: genesis });
  const changed = Uint8Array.from(punch);
  changed[changed.length - 1] = 0;
  return vectorFile(
    {
      structure: 'sealed-records',
      section: 'Seal',
      about:
        'A seal with the records it covers. The context says what is stored (log id, newest record, its hash), what was received after it, and the nonce that was asked with.',
    },
    { reader: keys.reader },
    [
      valid(
        'two records of a new log',
        scene.seal,
        { last: 2, hashes: [afterBoot, head] },
        about(start, [boot, punch]),
      ),
      valid('one record after a stored one', second, { last: 2, hashes: [head] }, about(afterFirst, [punch])),
      valid(
        'a seal that begins before what is stored',
        scene.seal,
        { last: 2, hashes: [head] },
        about(afterFirst, [punch]),
      ),
      valid(
        'an acknowledged record, read again',
        second,
        { last: 2, hashes: [afterBoot, head] },
        about(start, [boot, punch]),
      ),
      invalid(
        'the answer to another nonce',
        scene.seal,
        'seal/nonce',
        about(start, [boot, punch], new Uint8Array(16)),
      ),
      invalid(
        'another log',
        scene.seal,
        'seal/log',
        about({ ...start, log: new Uint8Array(16) }, [boot, punch]),
      ),
      invalid('one record fewer than the seal covers', scene.seal, 'seal/range', about(start, [boot])),
      invalid('a record left out', scene.seal, 'log/gap', about(start, [punch, punch])),
      invalid('another history read again', later, 'log/mismatch', about(start, [boot, punch])),
      invalid('one byte of a record changed', scene.seal, 'log/mismatch', about(start, [boot, changed])),
      invalid('another history before the seal', later, 'log/fork', about(afterFirst, [punch])),
    ],
  );
};
