/** Answers, attestations, and the tier that a record's proof is worth. */
import { fromHex } from '../../bytes.js';
import { encode, entries } from '../../cbor/index.js';
import { answerLabel, coseLabel } from '../../cbor-text/index.js';
import { externalAad, sign1 } from '../../cose/index.js';
import {
  actId,
  encodeStatement,
  jointNonce,
  makeEncryptedSun,
  makeSun,
  signAnswer,
  signStatement,
  type Answer,
  type KnownProof,
  type VisitStatement,
} from '../../evidence/index.js';
import { deriveDeviceKey } from '../../keys/index.js';
import { attestBody, punchBody } from '../../records/index.js';
import { keyOf, seedOf } from '../../test-support/keys.js';
import type { VectorCase, VectorFile } from '../format.js';
import { aboutRecord, bad, good, recordFile, recordOf } from './bodies.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { keys, nonce, site, uid } from './scene.js';

const band1 = keyOf('band 1');
const band2 = deriveDeviceKey(seedOf('site master'), { site, device: 'band-2' }, 1);
const published = { band1, band2: band2.export(), reader: keys.reader };
const bands = [
  { device: 'band-1', key: 'band1', site },
  { device: 'band-2', key: 'band2', site },
];

const answered: Answer = {
  ...{ nonce, what: 'punch', challenger: 'reader-1', service: 7, direction: 'in' },
  ...{ counter: 41, sincePress: 3 },
};
const answer = signAnswer(band1, site, answered);

export const answerFile = (): VectorFile => {
  const label = coseLabel(answerLabel);
  const mac = { label: coseLabel(answerLabel, 'MAC'), context: { key: 'band2', device: 'band-2', site } };
  const about = { label, context: { key: 'band1', site }, cddl: 'answer' };
  const late = encode(entries([1, 1], [2, nonce], [3, 'reader-1'], [4, 7], [5, 1], [6, 41], [7, 11]));
  return vectorFile(
    { structure: 'answer', section: 'Answer', about: 'A band’s answer to a challenge.' },
    published,
    [
      valid('signed', answer, answered, about),
      valid('with a MAC', signAnswer(band2, site, answered), answered, { ...mac, cddl: 'answer' }),
      invalid(
        'eleven seconds after the press',
        sign1(band1, externalAad('answer', site), late),
        'cbor/shape',
        { label, context: about.context },
      ),
      invalid('a MAC where the band signs', signAnswer(band2, site, answered), 'cose/structure', {
        label: mac.label,
        context: about.context,
      }),
      invalid('one bit of the MAC changed', damaged(signAnswer(band2, site, answered)), 'cose/proof', mac),
      invalid('for another site', signAnswer(band1, 'xiaohaiyang', answered), 'cose/signature', {
        label,
        context: about.context,
      }),
    ],
  );
};

const joint = jointNonce(nonce, seedOf('recipient').subarray(0, 16));
const visit: VisitStatement = {
  ...{ nonce: joint, provider: 'band-1', recipient: 'band-2', service: 101 },
  ...{ seconds: 3_000, minutes: 45, rating: 5 },
  confirmedBy: 'recipient',
};
const statement = encodeStatement(visit);
const words = {
  statement,
  provider: signStatement(band1, site, statement),
  recipient: signStatement(band2, site, statement),
};

/** Forty-five minutes made fifty-one: too many for the seconds. */
function inflated(bytes: Uint8Array): Uint8Array {
  const minutes = encode(entries([6, 45])).subarray(1);
  const at = bytes.findIndex(
    (byte, i) => byte === minutes[0] && bytes[i + 1] === minutes[1] && bytes[i + 2] === 45,
  );
  return Uint8Array.from(bytes, (byte, i) => (i === at + 2 ? 51 : byte));
}

export const attestFiles = (): readonly (readonly [string, VectorFile])[] => {
  const context = { site, bands };
  const about = { ...aboutRecord('attest'), context };
  const record = (changes: Partial<typeof words>): Uint8Array =>
    recordOf('attest', attestBody({ ...words, ...changes }));
  const refused = (
    name: string,
    changes: Partial<typeof words>,
    code: Parameters<typeof invalid>[2],
    more = {},
  ): VectorCase =>
    invalid(name, record(changes), code, { label: about.label, context: { ...context, ...more } });
  return [
    [
      'record-attest',
      recordFile('attest', 'What two bands said about one visit. Their words are not verified here.', [
        good('attest', 'a visit', attestBody(words), words),
        bad('attest', 'one word missing', entries([1, statement], [2, words.provider]), 'cbor/shape'),
      ]),
    ],
    [
      'attestation',
      vectorFile(
        {
          structure: 'attestation',
          section: 'Visit',
          about: 'Attest records with both bands’ words verified.',
        },
        published,
        [
          valid('one band signs, the other MACs', record({}), visit, about),
          refused('the provider’s word twice', { recipient: words.provider }, 'evidence/mismatch'),
          refused('a band that nobody knows', {}, 'evidence/unknown-key', { bands: bands.slice(0, 1) }),
          refused('a word with one bit changed', { provider: damaged(words.provider) }, 'evidence/proof'),
          refused('more minutes than the seconds make', { statement: inflated(statement) }, 'evidence/shape'),
          refused('a statement that is no map', { statement: Uint8Array.of(0x80) }, 'cbor/shape'),
        ],
      ),
    ],
  ];
};

const fileReadKey = fromHex('00112233445566778899aabbccddeeff');
const metaReadKey = fromHex('ffeeddccbbaa99887766554433221100');
const reading = { uid, counter: 12 };
const tag = 'tag-04a1b2c3d4e5f6';

export const evidenceFile = (): VectorFile => {
  const time = { earliest: 1_750_003_590, latest: 1_750_003_602 };
  const context = { site, device: 'reader-1', ...time, [tag]: fileReadKey, metaReadKey, bands };
  const punch = (proof: KnownProof): Uint8Array =>
    recordOf('punch', punchBody({ direction: 'in', service: 7, proof }));
  const about = (more: Readonly<Record<string, unknown>> = {}) => ({
    ...aboutRecord('punch'),
    context: { ...context, ...more },
  });
  const sun = makeSun(fileReadKey, reading);
  const hidden = makeEncryptedSun(fileReadKey, metaReadKey, reading, fromHex('0102030405'));
  const byAnswer = punch({ kind: 'answer', message: answer });
  const act = actId(nonce, 'band-1', 'reader-1');
  const own = punch({ kind: 'own', nonce, challenger: 'reader-1' });
  const ofBand = { ...context, device: 'band-1', isBand: true };
  const used = (value: number, earliest: number) => ({
    counters: [{ subject: tag, value, earliest, latest: earliest + 5 }],
  });
  const elsewhere = signAnswer(band1, site, { ...answered, challenger: 'reader-2' });
  const keyless: Readonly<Record<string, unknown>> = { [tag]: undefined };
  return vectorFile(
    {
      structure: 'evidence',
      section: 'Evidence',
      about:
        'What a record is worth: the tier, whose it is, and the act. The context is what the gateway knows; a doubt is the verdict. `tag-…` is the key of that tag.',
    },
    published,
    [
      valid('a UID alone: tier 0', punch({ kind: 'uid', uid }), { evidence: 0, band: tag }, about()),
      valid('a tag with counter and MAC: tier 1', punch(sun), { evidence: 1, band: tag }, about()),
      valid(
        'the same encrypted: tier 1',
        punch(hidden),
        { evidence: 1, band: tag },
        about(used(11, time.earliest - 60)),
      ),
      valid(
        'a band’s answer: tier 2',
        byAnswer,
        { evidence: 2, band: 'band-1', act, isCopy: false },
        about(),
      ),
      valid(
        'the second copy of an act: never counts',
        byAnswer,
        { evidence: 2, band: 'band-1', act, isCopy: true },
        about({ acts: [{ act, in: 'elsewhere' }] }),
      ),
      valid(
        'a band’s own record, which the reader’s bears out',
        own,
        { evidence: 2, band: 'band-1', act, isCopy: true },
        { ...about(), context: { ...ofBand, acts: [{ act, in: 'elsewhere' }] } },
      ),
      invalid('a band’s own record alone', own, 'evidence/uncorroborated', { ...about(), context: ofBand }),
      invalid('a tag whose key nobody knows', punch(sun), 'evidence/unknown-key', about(keyless)),
      invalid(
        'a tag’s MAC with one bit changed',
        punch({ ...sun, mac: damaged(sun.mac) }),
        'evidence/proof',
        about(),
      ),
      invalid('a tag’s message replayed', punch(sun), 'evidence/replay', about(used(12, time.earliest - 60))),
      invalid(
        'a counter lower than one used before',
        punch(sun),
        'evidence/replay',
        about(used(13, time.earliest - 60)),
      ),
      invalid(
        'an answer for another reader',
        punch({ kind: 'answer', message: elsewhere }),
        'evidence/mismatch',
        about(),
      ),
      invalid(
        'an answer for another service',
        recordOf(
          'punch',
          punchBody({ direction: 'in', service: 8, proof: { kind: 'answer', message: answer } }),
        ),
        'evidence/mismatch',
        about(),
      ),
      invalid(
        'an answer replayed in the same log',
        byAnswer,
        'evidence/replay',
        about({ acts: [{ act, in: 'here' }] }),
      ),
      invalid(
        'an answer that is no COSE message of this profile',
        punch({ kind: 'answer', message: Uint8Array.of(0xd2, 0x80) }),
        'evidence/proof',
        about(),
      ),
      invalid(
        'an answer that is no CBOR',
        punch({ kind: 'answer', message: Uint8Array.of(0xd2, 0x84) }),
        'evidence/shape',
        about(),
      ),
    ],
  );
};
