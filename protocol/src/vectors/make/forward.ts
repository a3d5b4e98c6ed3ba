/** What one gateway hands to another, and what it is answered (SPEC.md, Forward). */
import { encode, entries } from '../../cbor/index.js';
import { coseLabel, forwardAnswerLabel, forwardLabel } from '../../cbor-text/index.js';
import { externalAad, sign1 } from '../../cose/index.js';
import { sha256 } from '../../crypto/index.js';
import {
  type Forward,
  type ForwardAnswer,
  type ForwardOutcome,
  signForward,
  signForwardAnswer,
} from '../../forward/index.js';
import { signAck, signSeal } from '../../log/index.js';
import { keyOf } from '../../test-support/keys.js';
import type { VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { ackOfTwo } from './documents.js';
import { invalid, valid, vectorFile } from './draft.js';
import {
  afterBoot,
  boot,
  certificates,
  certify,
  genesis,
  head,
  keys,
  logId,
  punch,
  seal,
  sealed,
  sealId,
  sealIdOf,
  site,
} from './scene.js';

/** The other gateway of the site. */
const second = keyOf('second gateway');
const secondCertificate = certify('gateway-2', 'gateway', second);
const forward: Forward = {
  ...{ site, gateway: 'gateway-2', number: 7, certificate: certificates.reader, epoch: 1 },
  ...{ from: 1, before: genesis, oldest: 1, records: [boot, punch], seal },
  ...{ asked: 1_750_003_601, answered: 1_750_003_602 },
};
const context = { issuers: ['issuer'], site, now: 1_750_003_700 };

export const forwardFile = (): VectorFile => {
  const about = { label: coseLabel(forwardLabel), context };
  const says = { gateway: 'gateway-2', number: 7, device: 'reader-1', logId, from: 1, last: 2, hash: head };
  const made = (changes: Partial<Forward> = {}, key = second, own = secondCertificate): Uint8Array =>
    signForward(key, own, { ...forward, ...changes });
  // What follows an ack that the device has taken: its seal begins behind that.
  const laterSeal = signSeal(keys.reader, site, { ...sealed, first: 2, hashBefore: afterBoot });
  const later = { from: 2, before: afterBoot, records: [punch], seal: laterSeal };
  return vectorFile(
    {
      structure: 'forward',
      section: 'Forward',
      about: 'Sealed records that a gateway read, for the primary of its site.',
    },
    { issuer: keys.issuer, second, reader: keys.reader, stranger: keys.stranger },
    [
      valid('a whole log', made(), { ...says, sealId }, { ...about, cddl: 'forward' }),
      valid(
        'what follows an ack',
        made(later),
        { ...says, from: 2, sealId: sealIdOf(laterSeal) },
        { ...about, cddl: 'forward' },
      ),
      invalid('by a stranger', made({}, keys.stranger), 'cose/kid', about),
      invalid(
        'by a device',
        made({ gateway: 'reader-1' }, keys.reader, certificates.reader),
        'cert/role',
        about,
      ),
      invalid('in the name of another gateway', made({ gateway: 'gateway-1' }), 'forward/refused', about),
      invalid('a record changed', made({ records: [boot, damaged(punch)] }), 'log/mismatch', about),
      invalid('a record left out', made({ records: [boot] }), 'seal/range', about),
      invalid('another hash before it', made({ ...later, before: genesis }), 'log/mismatch', about),
      invalid('a log of another epoch', made({ epoch: 2 }), 'seal/log', about),
      invalid('without records', made({ records: [] }), 'forward/shape', about),
      invalid('read before it was asked for', made({ answered: forward.asked - 1 }), 'forward/shape', about),
      invalid('one bit of the signature changed', damaged(made()), 'cose/signature', about),
    ],
  );
};

export const forwardAnswerFile = (): VectorFile => {
  const asked = { ...context, gateway: 'gateway-1', to: 'gateway-2' };
  const about = { label: coseLabel(forwardAnswerLabel), context: asked };
  const common = { site, gateway: 'gateway-1', to: 'gateway-2', number: 7, digest: sha256(boot) };
  const made = (outcome: ForwardOutcome, key = keys.gateway, own = certificates.gateway): Uint8Array =>
    signForwardAnswer(key, own, { ...common, ...outcome } satisfies ForwardAnswer);
  const stored = { outcome: 'stored', upto: 2, hash: head, ack: signAck(keys.gateway, ackOfTwo) } as const;
  const lacks = { outcome: 'lacks', upto: 0, hash: genesis } as const;
  const refused = { outcome: 'refused', code: 'log/fork' } as const;
  const notNow = { outcome: 'later', code: 'forward/disk' } as const;
  const elsewhere = { ...about, context: { ...asked, to: 'gateway-3' } };
  return vectorFile(
    {
      structure: 'forward-answer',
      section: 'Forward',
      about: 'What the primary answers to a forward, as the gateway opens it that sent it.',
    },
    { issuer: keys.issuer, gateway: keys.gateway, second },
    [
      valid(
        'durable, with the ack for the device',
        made(stored),
        { ...common, ...stored },
        { ...about, cddl: 'forward-answer' },
      ),
      valid(
        'earlier records have to come first',
        made(lacks),
        { ...common, ...lacks },
        { ...about, cddl: 'forward-answer' },
      ),
      valid('refused', made(refused), { ...common, ...refused }, { ...about, cddl: 'forward-answer' }),
      valid('not now', made(notNow), { ...common, ...notNow }, { ...about, cddl: 'forward-answer' }),
      invalid('to another gateway', made(stored), 'forward/refused', elsewhere),
      invalid('by another gateway', made(stored, second, secondCertificate), 'forward/refused', about),
      invalid(
        'with a code that is none',
        made({ outcome: 'later', code: 'Not now!' }),
        'forward/shape',
        about,
      ),
      invalid(
        'of no known outcome',
        sign1(
          keys.gateway,
          externalAad('forward-answer', site),
          encode(
            entries(
              ...([
                [1, site],
                [2, 'gateway-1'],
                [3, 'gateway-2'],
                [4, 7],
                [5, sha256(boot)],
                [6, 9],
                [11, certificates.gateway],
              ] as const),
            ),
          ),
        ),
        'forward/shape',
        about,
      ),
      invalid('one bit of the signature changed', damaged(made(stored)), 'cose/signature', about),
    ],
  );
};
