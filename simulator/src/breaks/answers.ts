/** What it says of itself, its records and its seals, and is not so (SPEC.md, Commands, Log, Seal). */
import {
  COMMAND,
  concat,
  decodeRecord,
  encodeRecord,
  issueCertificate,
  PrivateKey,
  readUnverifiedCertificate,
  REFUSAL,
  rosterHash,
  SALT_BYTES,
  signSeal,
  verifySeal,
  type Seal,
} from '@timeband/protocol';
import { type Behaviour, changingAnswer, type FaultContext } from '../faults/behaviour.js';
import { changingClosed } from '../faults/evidence-faults.js';
import { breaks, changingRequest, refusing, taking } from './break.js';

export const ANSWER_BREAKS = breaks({
  'long-name': {
    description: 'the name of its firmware has 65 bytes',
    check: 'commands-identity',
    create: () => changingAnswer(COMMAND.identity, (identity) => ({ ...identity, firmware: 'x'.repeat(65) })),
  },
  'strangers-certificate': {
    description: 'its certificate is by an issuer that nobody knows',
    check: 'commands-certificate-issuer',
    create: ({ reader }) => {
      const stranger = PrivateKey.generate();
      return changingAnswer(COMMAND.certificate, (certificate) => {
        const claims = readUnverifiedCertificate(certificate);
        return claims.subject === reader.identity().device ? issueCertificate(stranger, claims) : undefined;
      });
    },
  },
  'any-certificate': {
    description: 'whoever is asked for, it shows its own certificate',
    check: 'commands-certificate-unknown',
    create: ({ reader }) =>
      taking(
        COMMAND.certificate,
        (_, rc) => rc === REFUSAL.notAvailable,
        () => reader.certificate,
      ),
  },
  'repeats-newest': {
    description: 'its status carries records that were seen',
    check: 'commands-status-seen',
    create: ({ reader }) =>
      changingAnswer(COMMAND.status, (status) => ({ ...status, newest: reader.status(0).newest })),
  },
  'ignores-bytes': {
    description: 'it answers as many records as fit, however few are asked for',
    check: 'commands-records-limit',
    create: () => changingRequest(COMMAND.records, ({ from }) => ({ from })),
  },
  'takes-record-zero': {
    description: 'record 0 is answered with record 1',
    check: 'commands-records-below',
    create: () =>
      changingRequest(COMMAND.records, (asked) => (asked.from === 0 ? { ...asked, from: 1 } : undefined)),
  },
  'refuses-nothing-new': {
    description: 'it refuses to answer no records',
    check: 'commands-records-beyond',
    create: ({ reader }) =>
      refusing(COMMAND.records, ({ from }) => from > reader.status(0).head, REFUSAL.notAvailable),
  },
  'reports-other-device': {
    description: 'the report of its provisioning names another device',
    check: 'provisioning-report',
    create: () => changingAnswer(COMMAND.factory, (report) => ({ ...report, device: 'somebody-else' })),
  },
  'other-log': {
    description: 'it names its log by another id',
    check: 'log-id',
    create: () =>
      changingAnswer(COMMAND.identity, (identity) => ({
        ...identity,
        logId: identity.logId.map((byte) => byte ^ 1),
      })),
  },
  'same-salt': {
    description: 'every record has the same salt',
    check: 'log-salt',
    create: () => ({
      onRecord: (bytes) => encodeRecord({ ...decodeRecord(bytes), salt: new Uint8Array(SALT_BYTES) }),
    }),
  },
  'unsorted-records': {
    description: 'the keys of its records do not ascend',
    check: 'log-record-form',
    create: () => ({
      onRecord: (record) => concat(record.subarray(0, 1), record.subarray(3), record.subarray(1, 3)),
    }),
  },
  'roster-without-id': {
    description: 'the roster of an activity is hashed without the id of the activity',
    check: 'log-roster',
    create: ({ reader }) =>
      changingClosed((closed) => {
        const names = reader.activities.roster(closed.activity);
        return { ...closed, roster: rosterHash(new Uint8Array(16), names) };
      }),
  },
  'seal-unsigned': {
    description: 'one bit of the signature of its seals is wrong',
    check: 'seal-signature',
    create: () =>
      changingAnswer(COMMAND.seal, (seal) =>
        seal.map((byte, at) => (at === seal.length - 1 ? byte ^ 1 : byte)),
      ),
  },
  'seal-other-nonce': {
    description: 'its seals answer another nonce',
    check: 'seal-nonce',
    create: (context) =>
      resealing(context, (seal) => ({ ...seal, nonce: seal.nonce.map((byte) => byte ^ 1) })),
  },
  'seal-other-log': {
    description: 'its seals name another log',
    check: 'seal-log',
    create: (context) =>
      resealing(context, (seal) => ({ ...seal, logId: seal.logId.map((byte) => byte ^ 1) })),
  },
  'seal-from-one': {
    description: 'its seals begin at record 1, whatever is acknowledged',
    check: 'seal-first',
    create: (context) =>
      resealing(context, (seal) => (seal.last >= seal.first ? { ...seal, first: 1 } : undefined)),
  },
  'seal-zeros-before': {
    description: 'its seals have zeros for the hash before',
    check: 'seal-hash-before',
    create: (context) =>
      resealing(context, (seal) =>
        seal.last >= seal.first ? { ...seal, hashBefore: new Uint8Array(seal.hashBefore.length) } : undefined,
      ),
  },
  'seal-other-start': {
    description: 'its seals are of another start',
    check: 'seal-moment',
    create: (context) => resealing(context, (seal) => ({ ...seal, boot: seal.boot + 1 })),
  },
  'seals-the-future': {
    description: 'asked to seal beyond its newest record it seals up to that',
    check: 'seal-beyond',
    create: ({ reader }) =>
      changingRequest(COMMAND.seal, ({ nonce, upto }) => ({
        nonce,
        upto: Math.min(upto, reader.status(0).head),
      })),
  },
  'full-unsaid': {
    description: 'it does not say when it is full',
    check: 'flash-full',
    create: () => changingAnswer(COMMAND.status, (status) => ({ ...status, full: false })),
  },
});

/** Seals that say something else, and are signed for that. */
export function resealing({ key, site }: FaultContext, change: (seal: Seal) => Seal | undefined): Behaviour {
  return changingAnswer(COMMAND.seal, (bytes) => {
    if (!('publicKey' in key)) return undefined; // one that only MACs keeps its word
    const changed = change(verifySeal(bytes, key.publicKey, site));
    return changed && signSeal(key, site, changed);
  });
}
