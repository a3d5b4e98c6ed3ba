/** Policy goes down to devices: whole, once, and never in the way of records. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deriveDeviceKey, signPolicy } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Centre, SITE } from './support/centre.js';
import { many, outcome, PolicyBox, policyRecords, punch } from './support/policy-box.js';

describe('what goes down to a device', () => {
  let box: PolicyBox;
  beforeEach(() => {
    box = new PolicyBox();
  });
  afterEach(() => box.close());
  const handedDown = (): number => box.log.filter(({ msg }) => msg === 'handed a policy down').length;

  it('is all the policy that it lacks, once, and it says so in its log', async () => {
    box.revoke(7, ...many(40));
    box.policies.take(box.sign(2, { type: 'catalogue', body: new Map([[101, 60]]) }));
    box.policies.take(box.sign(1, { type: 'primary', gateway: 'gw-1', term: 1 }));
    const device = box.device();
    const { link } = box.plug(device);
    await box.pass(6);
    expect(device.reader.policies()).toEqual([
      { type: 1, number: 2 },
      { type: 3, number: 7 },
      { type: 5, number: 1 },
    ]);
    expect(policyRecords(box.events)).toMatchObject([
      { type: 3, number: 7, outcome: 'applied' },
      { type: 5, number: 1, outcome: 'applied' },
      { type: 1, number: 2, outcome: 'applied' },
    ]);
    await link.close();
    box.plug(device);
    await box.pass(6);
    expect(handedDown()).toBe(3);
    expect([...box.codes()]).toEqual([]);
  });

  it('comes while the device is followed as soon as it is in force', async () => {
    const device = box.device();
    box.plug(device);
    await box.pass(3);
    expect(device.reader.policies()).toEqual([]);
    box.revoke(1, ...many(3));
    await box.pass(1);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 1 }]);
  });

  it('is not handed down over a newer one that another gateway brought', async () => {
    const device = box.device();
    device.reader.inbox.takePolicy(box.sign(9, { type: 'revocations', revocations: [] }));
    box.revoke(8, ...many(3));
    box.plug(device);
    await box.pass(4);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 9 }]);
    expect([handedDown(), ...box.codes()]).toEqual([0]);
  });

  it.each(['pulled from its cable', 'switched off and on'])(
    'is begun anew when the device was %s in the middle, and arrives whole',
    async (how) => {
      const list = box.revoke(1, ...many(200));
      const device = box.device();
      const pieces: number[] = [];
      const take = device.reader.inbox.put.bind(device.reader.inbox);
      const { link } = box.plug(device);
      device.reader.inbox.put = (piece) => {
        pieces.push(piece.offset);
        const answer = take(piece);
        if (pieces.length === 5) {
          if (how === 'switched off and on') device.reboot();
          else link.unplug();
        }
        return answer;
      };
      await box.pass(3);
      if (how !== 'switched off and on') box.plug(device);
      await box.pass(8);
      expect(device.reader.policies()).toEqual([{ type: 3, number: 1 }]);
      expect(pieces.filter((offset) => offset === 0)).toHaveLength(2);
      expect(Math.max(...pieces)).toBeLessThan(list.length);
      expect(policyRecords(box.events)).toMatchObject([{ outcome: 'applied' }]);
    },
  );

  it('goes on where the device is when an answer was lost on the way', async () => {
    box.revoke(1, ...many(60));
    const device = box.device();
    const pieces: number[] = [];
    const take = device.reader.inbox.put.bind(device.reader.inbox);
    device.reader.inbox.put = (piece) => {
      pieces.push(piece.offset);
      if (pieces.length === 3) device.misbehave({ name: 'truncated-frame', after: 0 });
      else device.heal();
      return take(piece);
    };
    box.plug(device);
    await box.pass(6);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 1 }]);
    expect(pieces.slice(0, 5)).toEqual([0, 320, 640, 640, 960]);
  });

  it('keeps no record waiting: between any two pieces the device is asked for what is new', async () => {
    box.revoke(1, ...many(250));
    const device = box.device();
    const asked: string[] = [];
    const put = device.reader.inbox.put.bind(device.reader.inbox);
    const status = device.reader.status.bind(device.reader);
    device.reader.inbox.put = (piece) => {
      asked.push('put');
      return put(piece);
    };
    device.reader.status = (after) => {
      asked.push('status');
      return status(after);
    };
    box.plug(device);
    await box.pass(4);
    expect(asked.filter((what) => what === 'put').length).toBeGreaterThan(25);
    expect(asked.join(' ')).not.toContain('put put');
    expect(device.reader.policies()).toHaveLength(1);
  });

  it('is a counted fault where the device refuses it, and its records arrive all the same', async () => {
    const device = box.device();
    device.reader.inbox.takePolicy(box.sign(9, { type: 'revocations', revocations: [] }));
    device.reader.policies = () => [];
    box.revoke(8, ...many(3));
    box.plug(device);
    device.reader.tap(punch(0));
    await box.pass(90);
    expect(box.counted).toEqual(['smp/device@memory:reader-1']);
    expect(handedDown()).toBe(0);
    expect(box.published('reader-1').slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('leaves out what is too long for any device, and says so', async () => {
    box.policies.take(box.sign(1, { type: 'catalogue', body: new Map([[1, 'x'.repeat(17_000)]]) }));
    box.revoke(1, ...many(3));
    const device = box.device();
    box.plug(device);
    await box.pass(4);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 1 }]);
    expect([...box.codes()]).toEqual(['policy/refused']);
  });

  it('is wrapped for a device that only MACs, which takes nothing that its gateway did not wrap', async () => {
    const key = deriveDeviceKey(new Uint8Array(32).fill(3), { site: SITE, device: 'band-7' }, 1);
    await box.close();
    box = new PolicyBox({ deviceKeys: [key] });
    const list = box.revoke(4, ...many(20));
    const device = box.device({ id: 'band-7', role: 'band', key });
    expect(
      outcome(() => {
        device.reader.inbox.takePolicy(list);
      }),
    ).toBe('notTrusted');
    box.plug(device);
    await box.pass(4);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 4 }]);
  });

  it('fits a small buffer', async () => {
    box.revoke(1, ...many(20));
    const device = box.device({ settings: { signMs: 0, bufferBytes: 300 } });
    const sizes: number[] = [];
    const put = device.reader.inbox.put.bind(device.reader.inbox);
    device.reader.inbox.put = (piece) => {
      sizes.push(piece.data.length);
      return put(piece);
    };
    box.plug(device);
    await box.pass(5);
    expect(device.reader.policies()).toEqual([{ type: 3, number: 1 }]);
    expect(Math.max(...sizes)).toBe(236);
  });
});

describe('a revocation list put into the folder of a gateway that runs', () => {
  it('reaches a reader over a pseudo-terminal, and its word on it is published', async () => {
    const centre = await Centre.create();
    const file = join(dirname(centre.config), 'revocations.cose');
    const issuer = readPrivateKeyPem(readFileSync(centre.issuerKey, 'utf8'));
    const now = Math.floor(Date.now() / 1_000);
    const put = (number: number): void => {
      const revocations = many(20);
      writeFileSync(
        file,
        signPolicy(issuer, { number, issued: now, site: SITE }, { type: 'revocations', revocations }),
      );
    };
    try {
      put(1);
      appendFileSync(centre.config, 'policy: [revocations.cose]\n');
      await centre.startGateway();
      const client = await centre.subscribe();
      const device = await centre.startReader('reader-1', ['--rate', '0']);
      const told = (count: number): Promise<void> =>
        client.until((received) => policyRecords(received.map(({ event }) => event)).length === count);
      await told(1);
      put(2);
      await told(2);
      expect(policyRecords(client.events.map(({ event }) => event))).toMatchObject([
        { type: 3, number: 1, outcome: 'applied' },
        { type: 3, number: 2, outcome: 'applied' },
      ]);
      expect(client.events.at(-1)?.event.type).toBe('policy');
      const status = device.expect((message) => message['policies']);
      device.tell('status');
      expect(await status).toEqual([{ type: 3, number: 2 }]);
    } finally {
      await centre.close();
    }
  });
});
