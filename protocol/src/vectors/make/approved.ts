/** Records that people have to approve (enrol, correct, transfer), and which approvals are not enough. */
import { entries } from '../../cbor/index.js';
import { ALG, PrivateKey } from '../../crypto/index.js';
import {
  approve,
  approvedBody,
  correctAction,
  enrolAction,
  transferAction,
  webauthnChallenge,
  type Approval,
  type Correction,
  type Enrolment,
  type Transfer,
} from '../../records/index.js';
import { keyId } from '../../cose/index.js';
import { makeAssertion, type AssertionOptions } from '../../test-support/authenticator.js';
import { keyOf, seedOf } from '../../test-support/keys.js';
import type { VectorFile } from '../format.js';
import { aboutRecord, bad, good, recordFile, recordOf } from './bodies.js';
import { invalid, valid, vectorFile } from './draft.js';
import { head, logId, nonce, punchRecord, site } from './scene.js';

const relyingParty = 'console.dahaiyang.example';
const keys = {
  operator1: keyOf('operator 1'),
  operator1Again: keyOf('operator 1, second key'),
  operator2: keyOf('operator 2'),
  securityKey: PrivateKey.fromSecret(ALG.ES256, seedOf('a security key')),
  stranger: keyOf('stranger'),
};
const operators = [
  { key: 'operator1', subject: 'operator-1' },
  { key: 'operator1Again', subject: 'operator-1' },
  { key: 'operator2', subject: 'operator-2' },
  { key: 'securityKey', subject: 'operator-3' },
];
const at = 1_750_003_600;

const enrolment: Enrolment = {
  ...{ nonce, at, step: 'issued', account: 'account-3', band: 'band-1', thumbprint: head },
};
const transfer: Transfer = { nonce, at, sort: 'gift', from: 'account-1', to: 'account-2', minutes: 60 };
const correction: Correction = {
  ...{ nonce, at, sort: 'amend', reason: 'wrongMinutes', account: 'account-1', minutes: -30 },
  ...{ target: { logId, seq: 2, hash: head }, recorder: 'operator-3' },
};
const gift = transferAction(transfer);

const byKey = (key: PrivateKey, action = gift, where = site): Approval => approve(key, where, action);

function bySecurityKey(changes: Partial<AssertionOptions> = {}): Approval {
  const options = { rpId: relyingParty, challenge: webauthnChallenge(site, gift), ...changes };
  return {
    by: 'webauthn',
    kid: keyId(keys.securityKey.publicKey),
    ...makeAssertion(keys.securityKey, options),
  };
}

export const approvedFiles = (): readonly (readonly [string, VectorFile])[] => {
  const enrol = enrolAction(enrolment);
  const correct = correctAction(correction);
  const enrolApprovals = [byKey(keys.operator1, enrol)];
  const correctApprovals = [byKey(keys.operator1, correct), byKey(keys.operator2, correct)];
  const giftApprovals = [byKey(keys.operator1), byKey(keys.operator2)];
  const decoded = (action: unknown, bytes: Uint8Array, approvals: readonly Approval[]) => ({
    ...{ action, bytes, approvals },
  });
  const toSelf = transferAction({ ...transfer, minutes: 1 }).slice();
  return [
    [
      'record-enrol',
      recordFile('enrol', 'A band or tag bound to an account. The approvals are not verified here.', [
        good(
          'enrol',
          'a band issued',
          approvedBody(enrol, enrolApprovals),
          decoded(enrolment, enrol, enrolApprovals),
        ),
        bad('enrol', 'an action that is not a map', approvedBody(Uint8Array.of(0x80), []), 'cbor/shape'),
        bad(
          'enrol',
          'five approvals',
          approvedBody(
            enrol,
            Array.from({ length: 5 }, () => byKey(keys.operator1)),
          ),
          'cbor/shape',
        ),
        bad('enrol', 'no action', entries([2, []]), 'cbor/shape'),
      ]),
    ],
    [
      'record-correct',
      recordFile(
        'correct',
        'What was wrong in the records, and by how many minutes. The approvals are not verified here.',
        [
          good(
            'correct',
            'thirty minutes taken away',
            approvedBody(correct, correctApprovals),
            decoded(correction, correct, correctApprovals),
          ),
          bad(
            'correct',
            'an action with bytes after it',
            approvedBody(Uint8Array.from([...correct, 0]), []),
            'cbor/trailing-bytes',
          ),
          bad('correct', 'an action that is another kind’s', approvedBody(enrol, []), 'cbor/shape'),
        ],
      ),
    ],
    [
      'record-transfer',
      recordFile(
        'transfer',
        'Minutes that go from one account to another. The approvals are not verified here.',
        [
          good(
            'transfer',
            'a gift',
            approvedBody(gift, giftApprovals),
            decoded(transfer, gift, giftApprovals),
          ),
          bad('transfer', 'from an account to itself', approvedBody(sameAccounts(toSelf), []), 'record/kind'),
        ],
      ),
    ],
    ['approvals', approvalsFile()],
  ];
};

/** The action with `to` made the same as `from`: both are nine letters long and differ in the last. */
function sameAccounts(action: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(action);
  const out = Uint8Array.from(action);
  out[text.indexOf('account-2') + 8] = 0x31;
  return out;
}

function approvalsFile(): VectorFile {
  const context = { site, relyingParty, operators };
  const about = { ...aboutRecord('transfer'), context };
  const record = (...approvals: readonly Approval[]): Uint8Array =>
    recordOf('transfer', approvedBody(gift, approvals));
  const own = { ...transfer, recorder: 'operator-1' };
  const ownAction = transferAction(own);
  const ownRecord = recordOf(
    'transfer',
    approvedBody(ownAction, [byKey(keys.operator1, ownAction), byKey(keys.operator2, ownAction)]),
  );
  const enrol = enrolAction(enrolment);
  const enrolled = recordOf('enrol', approvedBody(enrol, [byKey(keys.operator2, enrol)]));
  const refused = (name: string, bytes: Uint8Array) =>
    invalid(name, bytes, 'record/approval', { label: about.label, context });
  const one = byKey(keys.operator1);
  return vectorFile(
    {
      structure: 'approvals',
      section: 'Approvals',
      about:
        'Records with their approvals verified; they decode to the approvers. The context names the operators.',
    },
    keys,
    [
      valid(
        'a transfer by two operators',
        record(one, byKey(keys.operator2)),
        ['operator-1', 'operator-2'],
        about,
      ),
      valid(
        'a transfer by an operator and a security key',
        record(one, bySecurityKey()),
        ['operator-1', 'operator-3'],
        about,
      ),
      valid('an enrolment by one operator', enrolled, ['operator-2'], { ...aboutRecord('enrol'), context }),
      refused('a transfer by one operator alone', record(one)),
      refused('by two keys of one person', record(one, byKey(keys.operator1Again))),
      refused('by a key that is no operator’s', record(one, byKey(keys.stranger))),
      refused('an approval of another action', record(one, byKey(keys.operator2, enrol))),
      refused('an approval for another site', record(one, byKey(keys.operator2, gift, 'xiaohaiyang'))),
      refused('by the one who wrote it down', ownRecord),
      refused('a security key without a person verified', record(one, bySecurityKey({ flags: 0x01 }))),
      refused(
        'a security key asked by another page',
        record(one, bySecurityKey({ clientData: { origin: 'https://elsewhere.example' } })),
      ),
      refused(
        'a security key of another relying party',
        record(
          one,
          bySecurityKey({ rpId: 'elsewhere.example', clientData: { origin: `https://${relyingParty}` } }),
        ),
      ),
      refused(
        'a security key that answered another challenge',
        record(one, bySecurityKey({ challenge: punchRecord.salt })),
      ),
    ],
  );
}
