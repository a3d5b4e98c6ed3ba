import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Certificate,
  type Forward,
  type ForwardAnswer,
  GatewayClock,
  issueCertificate,
  keyId,
  openForwardAnswer,
  PrivateKey,
  RevocationList,
  type Role,
  signForward,
  TrustStore,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  certify,
  DeviceLog,
  gateway,
  gatewayKey,
  issuer,
  NOW,
  SITE,
} from '../events/devices.test.support.js';
import { Committer, EventLog } from '../events/index.js';
import { Visits } from '../ledger/index.js';
import { Store } from '../store/index.js';
import { DeviceKeys } from '../trust/index.js';
import { Assessor, Bands } from '../verify/index.js';
import { ForwardDesk } from './desk.js';

const peerKey = PrivateKey.generate();
const peer = certify('gw-2', 'gateway', peerKey);

interface Claims {
  readonly by?: PrivateKey;
  readonly subject?: string;
  readonly role?: Role;
  readonly site?: string;
  readonly expires?: number;
}

/** A certificate for the peer's key, of whatever kind. */
function claim({ by = issuer, ...claims }: Claims): Uint8Array {
  const usual = {
    issuer: SITE,
    subject: 'gw-2',
    role: 'gateway',
    site: SITE,
    key: peerKey.publicKey,
  } as const;
  return issueCertificate(by, { ...usual, notBefore: NOW - 86_400, expires: NOW + 86_400, ...claims });
}

describe('the desk for forwards', () => {
  let dir: string;
  let store: Store;
  let timers: ManualTimers;
  let trust: TrustStore;
  let desk: ForwardDesk;
  let answers: ForwardAnswer[];
  let counted: string[];
  let number: number;
  let device: DeviceLog;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'desk-'));
    store = new Store(join(dir, 'gateway.db'));
    timers = new ManualTimers();
    trust = new TrustStore([issuer.publicKey]);
    answers = [];
    counted = [];
    number = 0;
    device = new DeviceLog();
    const log = pino({ level: 'silent' });
    const wallClock = (): number => NOW + timers.now() / 1_000;
    const committer = new Committer({
      ...{ store, wallClock, visits: new Visits(store), events: new EventLog(store, gatewayKey, gateway) },
      assessor: new Assessor({ site: SITE, store, bands: new Bands({ site: SITE, store, trust }) }),
      committed: () => undefined,
      unreadable: () => undefined,
    });
    desk = new ForwardDesk({
      context: {
        ...{ site: SITE, gateway: 'gw-1', store, committer, timers, wallClock, log },
        credentials: { key: gatewayKey, certificate: gateway, issuer: gateway, trust },
        deviceKeys: new DeviceKeys([]),
        policies: { primary: 'gw-1', revocations: 0, revision: 1, documents: [] },
        clock: new GatewayClock({ wall: wallClock, monotonic: () => timers.now() / 1_000, floor: 0 }),
        counters: { count: (name) => counted.push(name) },
      },
      answer: (to, bytes) => {
        const demand = { trust, site: SITE, now: NOW, gateway: 'gw-1', to };
        answers.push(openForwardAnswer(bytes, demand).answer);
      },
    });
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  /** All that a device logged and no forward has brought yet, from record `from` on. */
  const forwardOf = (log: DeviceLog, from = 1): Forward => {
    const place = { logId: log.logId, base: from - 1, head: from - 1, hash: log.hash(from - 1) };
    const stored = { key: 0, device: 'reader-1', timeFloor: undefined, forked: false, vouched: false };
    const { seal, records } = log.sealedAfter({ ...stored, ...place });
    return {
      ...{ site: SITE, gateway: 'gw-2', number: ++number, certificate: log.certificate.bytes, epoch: 1 },
      ...{ from, before: place.hash, oldest: 1, records: records.map(({ bytes }) => bytes) },
      ...{ seal: seal.bytes, asked: NOW - 1, answered: NOW },
    };
  };
  const signed = (forward: Forward, own: Uint8Array = peer.bytes, key = peerKey): Uint8Array =>
    signForward(key, own, forward);
  /** Has it dealt with, however long whoever brings it has to wait for that. */
  const receive = async (bytes: Uint8Array, client = 'gw-2'): Promise<void> => {
    const done = desk.receive(client, bytes);
    await timers.run(1_500);
    await done;
  };
  const nothing = { logs: 0, records: 0, events: 0, quarantined: 0 };

  it('stores what another gateway read once, however often it is brought, and acknowledges it', async () => {
    device.punch('in', 5_000);
    device.punch('out', 5_600);
    const bytes = signed(forwardOf(device));
    await receive(bytes);
    await receive(bytes);
    expect(answers).toMatchObject([
      { outcome: 'stored', upto: 2 },
      { outcome: 'stored', upto: 2 },
    ]);
    expect(store.totals()).toMatchObject({ records: 2, events: 2, quarantined: 0 });
    expect(desk.report()).toMatchObject([{ gateway: 'gw-2', refused: 0 }]);
  });

  it.each<[string, Claims, string]>([
    ['of an issuer that is not the site’s', { by: PrivateKey.generate() }, 'cert/untrusted-issuer'],
    ['of a reader', { role: 'reader' }, 'cert/role'],
    ['of an operator', { role: 'operator' }, 'cert/role'],
    ['of another site', { site: 'xiaohaiyang' }, 'cert/site'],
    ['that has expired', { expires: NOW - 60 }, 'cert/expired'],
    ['of another gateway', { subject: 'gw-3' }, 'forward/refused'],
  ])('does not answer who signs under a certificate %s', async (_, claims, code) => {
    device.punch('in', 1);
    await receive(signed(forwardOf(device), claim(claims)));
    expect(counted).toEqual([code]);
    expect(answers).toEqual([]);
    expect(store.totals()).toEqual(nothing);
  });

  it('does not answer a gateway whose key was revoked', async () => {
    device.punch('in', 1);
    const { thumbprint } = peer;
    trust.revoke(keyId(issuer.publicKey), new RevocationList([{ thumbprint, at: NOW - 100 }]));
    await receive(signed(forwardOf(device)));
    expect(counted).toEqual(['cert/revoked']);
    expect(answers).toEqual([]);
    expect(store.totals()).toEqual(nothing);
  });

  it('does not answer who signs with another key, or brings what another signed', async () => {
    device.punch('in', 1);
    const forward = forwardOf(device);
    await receive(signed(forward, peer.bytes, PrivateKey.generate()));
    await receive(signed(forward), 'gw-3');
    expect(counted).toEqual(['cose/kid', 'forward/refused']);
    expect(answers).toEqual([]);
    expect(store.totals()).toEqual(nothing);
  });

  it('refuses what was read in the future, and takes it when the clock is put right', async () => {
    device.punch('in', 1);
    const forward = forwardOf(device);
    await receive(signed({ ...forward, answered: NOW + 600 }));
    expect(answers).toMatchObject([{ outcome: 'refused', code: 'forward/refused' }]);
    expect(store.totals()).toEqual(nothing);
    await receive(signed(forward));
    expect(answers).toMatchObject([{ outcome: 'refused' }, { outcome: 'stored', upto: 1 }]);
  });

  it('names what is wrong with bytes that were damaged or cut, and stores none of them', async () => {
    device.punch('in', 5_000);
    device.punch('out', 5_600);
    const bytes = signed(forwardOf(device));
    const damaged = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
      fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
        const copy = bytes.slice();
        copy[at] = (copy[at] ?? 0) ^ flip;
        return copy;
      }),
      fc.uint8Array({ maxLength: 64 }).map((tail) => Buffer.concat([bytes, Uint8Array.of(0), tail])),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (hostile) => {
        counted.length = 0;
        await receive(hostile);
        expect(counted).toHaveLength(1);
        expect(counted[0]).toMatch(/^(cbor|cose|cert|forward)\//);
      }),
      { numRuns: 150 },
    );
    expect(answers).toEqual([]);
    expect(store.totals()).toEqual(nothing);
  });

  it('refuses what a gateway of the site makes up about a device', async () => {
    for (let n = 0; n < 4; n++) device.punch(n % 2 === 0 ? 'in' : 'out', 5_000 + n * 60);
    const forward = forwardOf(device);
    const flipped = (bytes: Uint8Array) =>
      fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
        const copy = bytes.slice();
        copy[at] = (copy[at] ?? 0) ^ flip;
        return copy;
      });
    const { records } = forward;
    const place = fc.nat(records.length - 1);
    const change: fc.Arbitrary<Partial<Forward>> = fc.oneof(
      place.chain((at) =>
        flipped(records[at] ?? new Uint8Array()).map((bytes) => ({ records: records.with(at, bytes) })),
      ),
      place.map((at) => ({ records: records.filter((_, i) => i !== at) })),
      place.map((at) => ({ records: [...records, records[at] ?? new Uint8Array()] })),
      fc.constant({ records: records.toReversed() }),
      flipped(forward.seal).map((seal) => ({ seal })),
      flipped(forward.before).map((before) => ({ before })),
      flipped(forward.certificate).map((certificate) => ({ certificate })),
      fc.integer({ min: 2, max: 9 }).map((epoch) => ({ epoch })),
      fc.integer({ min: 2, max: 9 }).map((from) => ({ from })),
      fc.constant({ certificate: peer.bytes }),
      fc.constant({ previous: { logId: device.logId, seq: 9, head: device.hash(1) } }),
    );
    await fc.assert(
      fc.asyncProperty(change, async (made) => {
        counted.length = 0;
        answers.length = 0;
        await receive(signed({ ...forward, ...made }));
        expect(answers).toMatchObject([{ outcome: 'refused', code: counted[0] }]);
        expect(counted).toEqual([expect.stringMatching(/^(cbor|cose|cert|log|seal)\//), 'forward/refused']);
      }),
      { numRuns: 150 },
    );
    expect(store.totals()).toEqual(nothing);
    await receive(signed(forward));
    expect(answers.at(-1)).toMatchObject({ outcome: 'stored', upto: 4 });
  });

  it('serves who brings more than its share at the rate of its share, and others meanwhile', async () => {
    device.punch('in', 1);
    const bytes = signed(forwardOf(device));
    const other: Certificate = certify('gw-3', 'gateway', peerKey);
    const all = Promise.all(Array.from({ length: 120 }, () => desk.receive('gw-2', bytes)));
    await timers.run(1);
    const early = answers.length;
    expect(early).toBeLessThanOrEqual(82);
    const theirs = signForward(peerKey, other.bytes, { ...forwardOf(device), gateway: 'gw-3' });
    const another = desk.receive('gw-3', theirs);
    await timers.run(0);
    expect(answers.filter(({ to }) => to === 'gw-3')).toMatchObject([{ outcome: 'stored' }]);
    await timers.run(2_000);
    await Promise.all([all, another]);
    expect(answers).toHaveLength(121);
    expect(store.totals()).toMatchObject({ records: 1, events: 1 });
  });

  it('makes whoever brings rubbish wait a second for each', async () => {
    const all = Promise.all(Array.from({ length: 5 }, () => desk.receive('gw-2', new Uint8Array(40))));
    await timers.run(0);
    expect(counted).toHaveLength(1);
    await timers.run(2_000);
    expect(counted).toHaveLength(3);
    await timers.run(2_000);
    await timers.run(1_000);
    await all;
  });

  it('keeps a device’s second story as evidence, and takes nothing more of it', async () => {
    device.punch('in', 5_000);
    device.punch('out', 5_600);
    await receive(signed(forwardOf(device)));
    const clone = new DeviceLog();
    for (let n = 0; n < 3; n++) clone.punch('in', 9_000 + n);
    await receive(signed(forwardOf(clone)));
    expect(answers.at(-1)).toMatchObject({ outcome: 'refused', code: 'log/fork' });
    expect(store.findLog(device.logId)).toMatchObject({ head: 2, forked: true });
    expect(store.totals()).toMatchObject({ records: 2, events: 2, quarantined: 3 });
    expect(store.quarantine.byCode()).toEqual({ 'log/fork': 3 });
    expect(counted.filter((name) => name === 'quarantined')).toHaveLength(3);

    device.punch('in', 6_000);
    await receive(signed(forwardOf(device, 3)));
    expect(answers.at(-1)).toMatchObject({ outcome: 'refused', code: 'log/fork' });
    expect(store.totals()).toMatchObject({ records: 2, events: 2, quarantined: 3 });
  });

  it.each([
    ['ends before what is stored', 1],
    ['goes on from another place', 4],
  ])('sees a second story that %s', async (_, length) => {
    for (let n = 0; n < 3; n++) device.punch('in', 5_000 + n);
    await receive(signed(forwardOf(device)));
    const clone = new DeviceLog();
    for (let n = 0; n < length; n++) clone.punch('in', 9_000 + n);
    await receive(signed(forwardOf(clone, length)));
    expect(answers.at(-1)).toMatchObject({ outcome: 'refused', code: 'log/fork' });
    expect(store.findLog(device.logId)).toMatchObject({ head: 3, forked: true });
  });
});
