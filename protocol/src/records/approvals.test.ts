import { describe, expect, it } from 'vitest';
import { equalBytes } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { externalAad, keyId, sign1 } from '../cose/index.js';
import { ALG, PrivateKey } from '../crypto/index.js';
import { codeOf, keyOf, seedOf } from '../test-support/index.js';
import { type AssertionOptions, makeAssertion } from '../test-support/authenticator.js';
import { actionId, approvedBody, type Approval, MAX_APPROVALS } from './actions.js';
import { type ApprovalContext, approve, type ApprovedRecord, verifyApprovals } from './approvals.js';
import { correctAction, readCorrect } from './correct.js';
import { enrolAction, readEnrol } from './enrol.js';
import { readTransfer, transferAction } from './transfer.js';
import { webauthnChallenge } from './webauthn.js';

const site = 'dahaiyang';
const rpId = 'console.dahaiyang.example';
const securityKey = PrivateKey.fromSecret(ALG.ES256, seedOf('a security key'));
const operators = [
  { subject: 'operator-1', key: keyOf('operator 1') },
  { subject: 'operator-1', key: keyOf('operator 1, second key') },
  { subject: 'operator-2', key: keyOf('operator 2') },
  { subject: 'operator-3', key: securityKey },
];
const [first, firstAgain, second] = operators.map(({ key }) => key) as [PrivateKey, PrivateKey, PrivateKey];

const context: ApprovalContext = {
  site,
  operatorOf: (kid) => {
    const operator = operators.find(({ key }) => equalBytes(keyId(key.publicKey), kid));
    return operator && { subject: operator.subject, key: operator.key.publicKey };
  },
  relyingParty: { id: rpId, origins: [`https://${rpId}`] },
};

const nonce = new Uint8Array(16).fill(7);
const gift = { nonce, at: 1_750_000_000, sort: 'gift', from: 'a-1', to: 'a-2', minutes: 60 } as const;
const action = transferAction(gift);
const enrolment = enrolAction({ nonce, at: 1_750_000_000, step: 'issued', account: 'a-1', band: 'band-7' });

const transferOf = (approvals: readonly Approval[], bytes = action): ApprovedRecord => ({
  kind: 'transfer',
  value: readTransfer(approvedBody(bytes, approvals)),
});
const enrolOf = (approvals: readonly Approval[]): ApprovedRecord => ({
  kind: 'enrol',
  value: readEnrol(approvedBody(enrolment, approvals)),
});

const verdict = (record: ApprovedRecord, changed: Partial<ApprovalContext> = {}) =>
  codeOf(() => verifyApprovals(record, { ...context, ...changed }));

describe('approvals', () => {
  it('of two operators carry a transfer, and name them', () => {
    const record = transferOf([approve(first, site, action), approve(second, site, action)]);
    expect(verifyApprovals(record, context)).toEqual(['operator-1', 'operator-2']);
  });

  it('of one operator carry an enrolment', () => {
    expect(verifyApprovals(enrolOf([approve(first, site, enrolment)]), context)).toEqual(['operator-1']);
  });

  it('stop an administrator from selling hours: a correction by one person alone is refused', () => {
    const bytes = correctAction({
      nonce,
      at: 1_750_000_000,
      sort: 'lateEntry',
      reason: 'noDevice',
      account: 'a-1',
      minutes: 600,
      service: 101,
      started: 1_749_900_000,
      ended: 1_749_936_000,
    });
    const correction = (...keys: readonly PrivateKey[]): ApprovedRecord => ({
      kind: 'correct',
      value: readCorrect(
        approvedBody(
          bytes,
          keys.map((key) => approve(key, site, bytes)),
        ),
      ),
    });
    expect(verdict(correction())).toBe('record/approval');
    expect(verdict(correction(first))).toBe('record/approval');
    expect(verdict(correction(first, first))).toBe('record/approval');
    expect(verdict(correction(first, second))).toBe('accepted');
  });

  it('by two keys of one person are those of one person', () => {
    expect(verdict(transferOf([approve(first, site, action), approve(firstAgain, site, action)]))).toBe(
      'record/approval',
    );
  });

  it('do not count where none is given', () => {
    expect(verdict(enrolOf([]))).toBe('record/approval');
  });

  it('by a key on the box do not count', () => {
    const gateway = keyOf('gateway');
    expect(verdict(enrolOf([approve(gateway, site, enrolment)]))).toBe('record/approval');
    expect(verdict(transferOf([approve(first, site, action), approve(gateway, site, action)]))).toBe(
      'record/approval',
    );
  });

  it('of the one who wrote the action down do not count', () => {
    const bytes = transferAction({ ...gift, recorder: 'operator-2' });
    const record = transferOf([approve(first, site, bytes), approve(second, site, bytes)], bytes);
    expect(verdict(record)).toBe('record/approval');
  });

  it('cannot be moved to another action, however small the difference', () => {
    const more = transferAction({ ...gift, minutes: 61 });
    const approvals = [approve(first, site, action), approve(second, site, action)];
    expect(verdict(transferOf(approvals, more))).toBe('record/approval');
  });

  it('cannot be moved to another site', () => {
    const elsewhere = [approve(first, 'another-site', action), approve(second, 'another-site', action)];
    expect(verdict(transferOf(elsewhere))).toBe('record/approval');
  });

  it('cannot be made of a signature for another purpose', () => {
    const ack = sign1(first, externalAad('ack', site), enrolment, { detached: true });
    expect(verdict(enrolOf([{ by: 'certificate', message: ack }]))).toBe('record/approval');
  });

  it('carry nothing beside the signature', () => {
    const message = sign1(first, externalAad('approve', site), enrolment, {
      detached: true,
      unprotected: entries([5, 1]),
    });
    expect(verdict(enrolOf([{ by: 'certificate', message }]))).toBe('record/approval');
  });

  it.each([new Uint8Array(), Uint8Array.of(0xd2, 0x84), new Uint8Array(200)])(
    'that are no COSE message are refused with a code (%#)',
    (message) => {
      expect(verdict(enrolOf([{ by: 'certificate', message }]))).toBe('record/approval');
    },
  );

  it('do not count by an operator whose certificate was not valid when the action was decided', () => {
    const record = enrolOf([approve(first, site, enrolment)]);
    const until = (end: number): Partial<ApprovalContext> => ({
      operatorOf: (kid, at) => (at < end ? context.operatorOf(kid, at) : undefined),
    });
    expect(verdict(record, until(1_750_000_001))).toBe('accepted');
    expect(verdict(record, until(1_750_000_000))).toBe('record/approval');
  });

  it('are bounded in number', () => {
    const many = Array.from({ length: MAX_APPROVALS + 1 }, () => approve(first, site, action));
    expect(codeOf(() => transferOf(many))).toBe('cbor/shape');
  });

  it('name the action by its bytes, so that one action met in two records is known again', () => {
    const one = transferOf([approve(first, site, action)]).value.bytes;
    const two = transferOf([approve(second, site, action)]).value.bytes;
    expect(actionId(one)).toEqual(actionId(two));
    expect(actionId(transferAction({ ...gift, nonce: new Uint8Array(16) }))).not.toEqual(actionId(one));
  });

  it('are refused around an action that is not in deterministic form', () => {
    const loose = Uint8Array.of(0xa1, 0x18, 0x01, 0x00); // {1: 0} with a head that is too long
    expect(codeOf(() => readTransfer(approvedBody(loose, [])))).toBe('cbor/not-shortest');
    expect(codeOf(() => readTransfer(approvedBody(encode(7), [])))).toBe('cbor/shape');
  });
});

describe('an approval by WebAuthn', () => {
  const challenge = webauthnChallenge(site, action);
  const assertion = (changed: Partial<AssertionOptions> = {}, key = securityKey): Approval => ({
    by: 'webauthn',
    kid: keyId(securityKey.publicKey),
    ...makeAssertion(key, { rpId, challenge, ...changed }),
  });
  const withFirst = (approval: Approval) => transferOf([approve(first, site, action), approval]);

  it('counts beside one by certificate', () => {
    expect(verifyApprovals(withFirst(assertion()), context)).toEqual(['operator-1', 'operator-3']);
  });

  it('may carry extensions', () => {
    expect(verdict(withFirst(assertion({ flags: 0x85, extensions: Uint8Array.of(0xa0) })))).toBe('accepted');
  });

  it.each<[string, Partial<AssertionOptions>]>([
    ['the challenge of another action', { challenge: webauthnChallenge(site, enrolment) }],
    ['the challenge of another site', { challenge: webauthnChallenge('another-site', action) }],
    ['a registration instead of an assertion', { clientData: { type: 'webauthn.create' } }],
    ['the origin of another page', { clientData: { origin: 'https://evil.example' } }],
    ['a page inside another page', { clientData: { crossOrigin: true } }],
    ['another relying party', { rpId: 'evil.example', clientData: { origin: `https://${rpId}` } }],
    ['nobody present', { flags: 0x04 }],
    ['somebody present whom nobody verified', { flags: 0x01 }],
    ['extensions that it does not announce', { extensions: Uint8Array.of(0xa0) }],
    ['extensions announced and missing', { flags: 0x85 }],
    ['attested data', { flags: 0x45 }],
    ['client data of endless length', { clientData: { padding: 'x'.repeat(1024) } }],
  ])('is refused with %s', (_, changed) => {
    expect(verdict(withFirst(assertion(changed)))).toBe('record/approval');
  });

  it('is refused with the signature of another key', () => {
    const other = PrivateKey.fromSecret(ALG.ES256, seedOf('another security key'));
    expect(verdict(withFirst(assertion({}, other)))).toBe('record/approval');
  });

  it('is refused where a key that is not ES256 is named', () => {
    const approval = { ...assertion(), kid: keyId(second.publicKey) };
    expect(verdict(withFirst(approval))).toBe('record/approval');
  });

  it('is refused where no relying party is set', () => {
    expect(verdict(withFirst(assertion()), { relyingParty: undefined })).toBe('record/approval');
  });

  it.each(['null', '[]', '{', '"text"', ''])('is refused with client data %j', (json) => {
    const approval = { ...assertion(), clientDataJSON: new TextEncoder().encode(json) };
    expect(verdict(withFirst(approval))).toBe('record/approval');
  });

  it('is refused with client data that is not UTF-8, and with empty authenticator data', () => {
    expect(verdict(withFirst({ ...assertion(), clientDataJSON: Uint8Array.of(0xff) } as Approval))).toBe(
      'record/approval',
    );
    expect(verdict(withFirst({ ...assertion(), authenticatorData: new Uint8Array() } as Approval))).toBe(
      'record/approval',
    );
  });
});
