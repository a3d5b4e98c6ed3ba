/** What people have to have approved: without it a record is kept, acknowledged and put aside, and never published. */
import {
  type Approval,
  approve,
  approvedBody,
  correctAction,
  type Correction,
  enrolAction,
  issueCertificate,
  KIND,
  keyThumbprint,
  PrivateKey,
  type Role,
  signPolicy,
  transferAction,
} from '@timeband/protocol';
import { createSimulatedReader, type SimulatedReader } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from './support/box.js';
import { SITE } from './support/centre.js';

const START = 1_800_000_000;
const DAY = 86_400;

const nonce = new Uint8Array(16).fill(5);
const correction: Correction = {
  nonce,
  at: START,
  sort: 'lateEntry',
  reason: 'noDevice',
  account: 'a-1',
  minutes: 600,
  service: 101,
  started: START - DAY,
  ended: START - DAY + 36_000,
};
const correct = correctAction(correction);
const transfer = transferAction({
  ...{ nonce, at: START, sort: 'gift', from: 'a-1', to: 'a-2', minutes: 60 },
});
const enrol = enrolAction({ nonce, at: START, step: 'issued', account: 'a-1', band: 'band-7' });

describe('a record that people have to approve', () => {
  const readerKey = PrivateKey.generate();
  const keys = {
    ...{ li: PrivateKey.generate(), liAgain: PrivateKey.generate(), wang: PrivateKey.generate() },
    ...{ gone: PrivateKey.generate(), technician: PrivateKey.generate() },
  };
  let box: Box;
  let device: SimulatedReader;
  beforeEach(async () => {
    box = new Box({
      certificates: (issuerKey) => {
        const certify = (subject: string, key: PrivateKey, role: Role = 'operator', end = DAY): Uint8Array =>
          issueCertificate(issuerKey, {
            ...{ issuer: SITE, subject, role, site: SITE, key: key.publicKey },
            ...{ notBefore: START - DAY, expires: START + end },
          });
        return [
          certify('operator-1', keys.li),
          certify('operator-1', keys.liAgain),
          certify('operator-2', keys.wang),
          certify('operator-3', keys.gone, 'operator', -1),
          certify('technician-1', keys.technician, 'technician'),
          certify('reader-1', readerKey, 'reader'),
        ];
      },
    });
    device = createSimulatedReader({
      ...{ site: SITE, issuerKey: box.issuerKey, id: 'reader-1', key: readerKey, timers: box.timers },
      settings: { signMs: 0 },
    });
    box.plug(device);
    await box.pass(2);
  });
  afterEach(() => box.close());

  const by = (action: Uint8Array, ...signers: PrivateKey[]): Approval[] =>
    signers.map((key) => approve(key, SITE, action));

  /** Has the reader log it, and waits until it is acknowledged. */
  const logged = async (
    kind: number,
    action: Uint8Array,
    approvals: readonly Approval[],
  ): Promise<'published' | 'put aside'> => {
    const before = box.store.totals();
    device.reader.record(kind, approvedBody(action, approvals));
    await box.pass(4);
    const { head, sealed } = device.reader.status(0);
    expect([device.reader.identity().acked, sealed]).toEqual([head, head]);
    const after = box.store.totals();
    expect(after.records).toBe(before.records + 1);
    if (after.events > before.events) return 'published';
    expect(box.counted.at(-1)).toBe('record/approval@reader-1');
    expect(after.quarantined).toBe(before.quarantined + 1);
    return 'put aside';
  };

  it('is published when it is approved by as many different people as it needs', async () => {
    expect(await logged(KIND.enrol, enrol, by(enrol, keys.li))).toBe('published');
    expect(await logged(KIND.correct, correct, by(correct, keys.li, keys.wang))).toBe('published');
    expect(await logged(KIND.transfer, transfer, by(transfer, keys.wang, keys.li))).toBe('published');
    expect(box.events.slice(-3).map(({ type }) => type)).toEqual(['enrol', 'correct', 'transfer']);
    expect([...box.codes()]).toEqual([]);
  });

  it('an administrator alone cannot correct', async () => {
    expect(await logged(KIND.correct, correct, by(correct, keys.li))).toBe('put aside');
    expect(await logged(KIND.correct, correct, [])).toBe('put aside');
  });

  it('two keys of one person are one', async () => {
    expect(await logged(KIND.correct, correct, by(correct, keys.li, keys.liAgain))).toBe('put aside');
  });

  it('the recorder cannot approve', async () => {
    const written = correctAction({ ...correction, recorder: 'operator-2' });
    expect(await logged(KIND.correct, written, by(written, keys.li, keys.wang))).toBe('put aside');
  });

  it('a reader cannot forge a transfer', async () => {
    const stranger = PrivateKey.generate();
    expect(await logged(KIND.transfer, transfer, by(transfer, readerKey, stranger))).toBe('put aside');
    expect(await logged(KIND.transfer, transfer, by(transfer, readerKey, keys.li))).toBe('put aside');
    expect(await logged(KIND.transfer, transfer, by(transfer, keys.technician, keys.li))).toBe('put aside');
    expect(await logged(KIND.transfer, transfer, by(enrol, keys.wang, keys.li))).toBe('put aside');
  });

  it('cannot be approved by who was no operator at that time any more', async () => {
    expect(await logged(KIND.enrol, enrol, by(enrol, keys.gone))).toBe('put aside');
  });

  it('cannot be approved by a key that was revoked, whatever time the approval names', async () => {
    const revocations = [{ thumbprint: keyThumbprint(keys.li.publicKey), at: START + DAY }];
    const header = { number: 1, issued: START, site: SITE };
    box.policies.take(signPolicy(box.issuerKey, header, { type: 'revocations', revocations }));
    await box.pass(3);
    expect(await logged(KIND.enrol, enrol, by(enrol, keys.li))).toBe('put aside');
    expect(await logged(KIND.enrol, enrol, by(enrol, keys.wang))).toBe('published');
  });

  it('is put aside when its body is none, as a record of any other kind is', async () => {
    device.reader.record(KIND.transfer, new Map([[1, 'everything']]));
    device.reader.record(KIND.mediate, new Map());
    device.reader.record(99, new Map());
    await box.pass(4);
    expect(box.counted).toEqual(['cbor/shape@reader-1', 'cbor/shape@reader-1']);
    expect(box.published('reader-1')).toEqual([1, 4]);
    expect(device.reader.identity().acked).toBe(4);
  });
});
