import { describe, expect, it } from 'vitest';
import {
  COMMAND,
  genesisHash,
  logIdOf,
  openIssuerCertificate,
  PrivateKey,
  readUnverifiedCertificate,
  toHex,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import {
  type Answers,
  certificate,
  certify,
  FakeDevice,
  goodAnswers,
  identity,
  issuerCertificate,
  NOW,
  refusal,
  SITE,
  status,
} from '../test-support/device.js';
import { describeDevice } from './describe.js';
import { inspectDevice, InspectionError, type Trust } from './info.js';

const issuer = openIssuerCertificate(issuerCertificate);
const kidOf = (bytes: Uint8Array): string => toHex(readUnverifiedCertificate(bytes).kid);

async function failure(answers: Partial<Answers>): Promise<InspectionError> {
  const link = new FakeDevice({ ...goodAnswers, ...answers });
  const timers = new ManualTimers();
  const inspection = inspectDevice(link, { now: NOW, timers });
  const [outcome] = await Promise.allSettled([inspection, timers.run(60_000)]);
  if (outcome.status === 'rejected' && outcome.reason instanceof InspectionError) return outcome.reason;
  throw new Error('the inspection did not fail as inspections do', { cause: outcome });
}

async function trustOf(shown: Uint8Array, now: number): Promise<Trust> {
  const answer = COMMAND.certificate.encodeAnswer(shown);
  const link = new FakeDevice({ ...goodAnswers, certificate: answer });
  return (await inspectDevice(link, { issuer, now })).certificate.trust;
}

describe('an inspection', () => {
  it('says who the device is and how its log stands', async () => {
    const info = await inspectDevice(new FakeDevice(), { issuer, now: NOW });
    expect(info).toEqual({
      device: 'reader-1',
      certificate: {
        trust: { verdict: 'verified' },
        claims: {
          ...{ subject: 'reader-1', role: 'reader', site: SITE, issuer: 'dahaiyang-issuer' },
          keyId: kidOf(certificate),
          ...{ notBefore: NOW - 100, expires: NOW + 100 },
        },
      },
      ...{ firmware: '1.0.0', hardware: 'test-reader', boot: 3 },
      log: {
        ...{ id: toHex(identity.logId), epoch: 1, head: 42, sealed: 30, acked: 20 },
        ...{ oldest: 5, waiting: 22, full: false },
      },
      buffer: { bytes: 512, count: 4, assumed: false },
    });
  });

  it('asks four questions that change nothing', async () => {
    const link = new FakeDevice();
    await inspectDevice(link, { now: NOW });
    expect(link.asked).toEqual(['parameters', 'identity', 'certificate', 'status']);
  });

  it('assumes the smallest buffer of a device that does not know the question', async () => {
    const link = new FakeDevice({ ...goodAnswers, parameters: refusal(8) });
    expect((await inspectDevice(link, { now: NOW })).buffer).toEqual({ bytes: 384, count: 1, assumed: true });
  });

  it('names the log that a later epoch continues', async () => {
    const previous = { logId: new Uint8Array(16).fill(7), seq: 99, head: new Uint8Array(32) };
    const { thumbprint } = readUnverifiedCertificate(certificate);
    const logId = logIdOf(genesisHash({ site: SITE, device: 'reader-1', thumbprint, epoch: 2, previous }));
    const answer = COMMAND.identity.encodeAnswer({ ...identity, epoch: 2, logId, previous });
    const info = await inspectDevice(new FakeDevice({ ...goodAnswers, identity: answer }), {
      issuer,
      now: NOW,
    });
    expect(info.log.previous).toEqual({ id: '07'.repeat(16), seq: 99 });
    expect(info.certificate.trust).toEqual({ verdict: 'verified' });
  });
});

describe('the certificate', () => {
  it('is not verified when nobody gives an issuer', async () => {
    const info = await inspectDevice(new FakeDevice(), { now: NOW });
    expect(info.certificate.trust).toEqual({ verdict: 'not verified' });
    expect(info.certificate.claims?.subject).toBe('reader-1');
  });

  const byStranger = certify('reader-1', 'reader', undefined, PrivateKey.generate());
  const ofOtherKey = certify('reader-1', 'reader', PrivateKey.generate());
  it.each([
    ['by a stranger', byStranger, NOW, 'cert/untrusted-issuer'],
    ['of a gateway', certify('reader-1', 'gateway'), NOW, 'cert/role'],
    ['that has expired', certificate, NOW + 100, 'cert/expired'],
    ['that is not valid yet', certificate, NOW - 101, 'cert/not-yet-valid'],
    ['of another device', certify('reader-2'), NOW, 'cert/shape'],
    ['of another key than the log', ofOtherKey, NOW, 'log/genesis'],
    ['that is none', new Uint8Array(3), NOW, 'cert/shape'],
  ])('is refused: one %s', async (_, shown, now, code) => {
    expect(await trustOf(shown, now)).toMatchObject({ verdict: 'refused', code });
  });
});

describe('a failure', () => {
  it('on a port where nothing answers is silence', async () => {
    expect(await failure({ parameters: 'silence' })).toMatchObject({
      outcome: 'silent',
      code: 'smp/timeout',
    });
  });

  it('after the first answer is an inspection that is incomplete', async () => {
    expect(await failure({ identity: 'silence' })).toMatchObject({
      outcome: 'incomplete',
      code: 'smp/timeout',
    });
    expect(await failure({ certificate: 'silence' })).toMatchObject({ outcome: 'incomplete' });
    expect(await failure({ status: 'silence' })).toMatchObject({ outcome: 'incomplete' });
  });

  it('is a refusal when the device says so', async () => {
    expect(await failure({ identity: refusal(11) })).toMatchObject({
      outcome: 'refused',
      code: 'smp/device',
    });
  });

  it('is named when the device answers something else than asked', async () => {
    expect(await failure({ identity: new Map() })).toMatchObject({
      outcome: 'incomplete',
      code: 'cbor/shape',
    });
  });
});

describe('the description for people', () => {
  it('is a line for each fact', async () => {
    const info = await inspectDevice(new FakeDevice(), { issuer, now: NOW });
    expect(describeDevice('/dev/ttyUSB0', info).split('\n')).toEqual([
      '/dev/ttyUSB0',
      '  device       reader-1, reader at dahaiyang',
      `  key id       ${info.certificate.claims?.keyId ?? ''}`,
      '  certificate  by dahaiyang-issuer, 2025-06-15 to 2025-06-15, verified',
      '  firmware     1.0.0 on test-reader, start 3',
      `  log          ${toHex(identity.logId)}, epoch 1`,
      '  records      42 logged, 30 sealed, 20 acknowledged',
      '  waiting      22',
      '  readable     from 5',
      '  buffer       512 bytes, 4 at once',
    ]);
  });

  it('says when the flash is full and when nothing can be read', async () => {
    const full = COMMAND.status.encodeAnswer({ ...status, head: 4, full: true });
    const info = await inspectDevice(new FakeDevice({ ...goodAnswers, status: full }), { now: NOW });
    const text = describeDevice('port', info);
    expect(text).toContain('taps are turned away');
    expect(text).toContain('readable     none');
    expect(text).toContain('not verified (give --issuer)');
  });
});
