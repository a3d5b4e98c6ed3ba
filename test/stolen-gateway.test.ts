/** A gateway is stolen: once its key is revoked, no device that heard of it believes it any more. */
import {
  issueCertificate,
  keyThumbprint,
  PrivateKey,
  SessionClient,
  signAck,
  signClock,
  type TimebandError,
  TrustStore,
} from '@timeband/protocol';
import { memoryLink, type Device } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SITE } from './support/centre.js';
import { START } from './support/box.js';
import { outcome, PolicyBox, policyRecords, punch } from './support/policy-box.js';

const DAY = 86_400;

/** A gateway of the site as a reader meets it, whose key somebody else may have by now. */
class OtherGateway {
  readonly key = PrivateKey.generate();
  readonly certificate: Uint8Array;

  constructor(issuerKey: PrivateKey) {
    this.certificate = issueCertificate(issuerKey, {
      ...{ issuer: SITE, subject: 'gw-2', role: 'gateway', site: SITE, key: this.key.publicKey },
      ...{ notBefore: START - DAY, expires: START + DAY },
    });
  }

  get thumbprint(): Uint8Array {
    return keyThumbprint(this.key.publicKey);
  }

  /** What becomes of its certificate, its time, and its ack of everything that the reader has. */
  tryOn(reader: Device, hash: Uint8Array): readonly string[] {
    const { device, logId } = reader.identity();
    const said = { site: SITE, gateway: 'gw-2' };
    const ack = { ...said, logId, upto: reader.identity().acked + 1, hash } as const;
    return [
      () => {
        reader.hello(this.certificate);
      },
      () => {
        reader.setClock(
          signClock(this.key, { ...said, device, nonce: reader.clockNonce(), wall: START + 60 }),
        );
      },
      () => {
        reader.ack(signAck(this.key, { ...ack, revocations: 0, durability: 'box' }));
      },
    ].map(outcome);
  }
}

describe('a revocation list', () => {
  let box: PolicyBox;
  beforeEach(() => {
    box = new PolicyBox();
  });
  afterEach(() => box.close());

  it('a stolen gateway: the reader refuses its certificate, its clock and its acks, also after a power cut', async () => {
    const stolen = new OtherGateway(box.issuerKey);
    const key = PrivateKey.generate();
    const before = box.device({ key });
    const { link } = box.plug(before);
    await box.pass(3);
    const hash = new Uint8Array(32);
    const [hello, clock, ack] = stolen.tryOn(before.reader, hash);
    expect([hello, clock, ack]).toEqual(['taken', 'taken', 'notSealed']);

    box.revoke(1, { thumbprint: stolen.thumbprint, at: START, reason: 'lost' });
    await box.pass(4);
    expect(policyRecords(box.events)).toMatchObject([{ type: 3, number: 1, outcome: 'applied' }]);
    before.reader.tap(punch(0));
    const refused = ['notTrusted', 'unknownGateway', 'unknownGateway'];
    expect(stolen.tryOn(before.reader, hash)).toEqual(refused);
    before.reboot();
    expect(stolen.tryOn(before.reader, hash)).toEqual(refused);
    await link.close();

    // What is in flash is all that is left, and nobody has told this start what time it is.
    const after = box.device({ flash: before.flash, key });
    expect(stolen.tryOn(after.reader, hash)).toEqual(refused);
    expect(after.reader.policies()).toEqual([{ type: 3, number: 1 }]);
    box.plug(after);
    await box.pass(5);
    expect(after.reader.identity().acked).toBe(after.reader.status(0).head);
  });

  it('a stolen gateway that is introduced at that moment is not any more', () => {
    const stolen = new OtherGateway(box.issuerKey);
    const { reader: device } = box.device();
    stolen.tryOn(device, new Uint8Array(32));
    const list = box.sign(1, {
      type: 'revocations',
      revocations: [{ thumbprint: stolen.thumbprint, at: START }],
    });
    device.inbox.takePolicy(list);
    expect(
      outcome(() => {
        device.feedback({ seq: 1, outcome: 'accepted' });
      }),
    ).toBe('notIntroduced');
  });

  it('a stolen gateway opens no session: where nobody is trusted it learns nothing', async () => {
    const stolen = new OtherGateway(box.issuerKey);
    const device = box.device({ untrustedLink: true });
    const begin = async (): Promise<string> => {
      const client = new SessionClient(memoryLink(device), { timers: box.timers });
      const trust = new TrustStore([box.issuerKey.publicKey]);
      const begun = client.beginCertified({
        ...{ key: stolen.key, certificate: stolen.certificate },
        verify: (bytes) => trust.verify(bytes, { roles: ['reader'], site: SITE }),
      });
      const said = begun.then(
        () => 'opened',
        (error: unknown) => (error as TimebandError).message,
      );
      await box.pass(5);
      await client.close();
      return said;
    };
    expect(await begin()).toBe('opened');
    box.revoke(1, { thumbprint: stolen.thumbprint, at: START, reason: 'lost' });
    const { link } = box.plug(device);
    await box.pass(5);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 1 }]);
    await link.close();
    expect(await begin()).toMatch(/gave up .* session\/credential/);
  });

  it('an old list is refused and changes nothing, and is told once', async () => {
    const stolen = new OtherGateway(box.issuerKey);
    const old = box.sign(1, { type: 'revocations', revocations: [] });
    const device = box.device();
    box.plug(device);
    box.revoke(2, { thumbprint: stolen.thumbprint, at: START });
    await box.pass(4);
    const put = (): string =>
      outcome(() => {
        device.reader.inbox.put({ what: 'policy', offset: 0, data: old, total: old.length });
      });
    expect([put(), put()]).toEqual(['notTrusted', 'notTrusted']);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 2 }]);
    expect(stolen.tryOn(device.reader, new Uint8Array(32))[0]).toBe('notTrusted');
    await box.pass(3);
    expect(policyRecords(box.events)).toMatchObject([
      { number: 2, outcome: 'applied' },
      { number: 1, outcome: 'refused' },
    ]);
  });
});
