import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Certificate,
  type CborMap,
  CertificateError,
  decodeRecord,
  decodeRecordProof,
  deviceBody,
  type Event,
  EventVerifier,
  GatewayClock,
  genesisHash,
  issueCertificate,
  keyId,
  KIND,
  type KnownProof,
  logIdOf,
  PrivateKey,
  proveRecordByDigests,
  punchBody,
  readDevice,
  RevocationList,
  signAnswer,
  TrustStore,
  verifyRecordProof,
} from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Committer, EventLog } from '../events/index.js';
import { Visits } from '../ledger/index.js';
import { Store } from '../store/index.js';
import { Assessor, Bands } from '../verify/index.js';
import { OwnLog } from './own-log.js';

const SITE = 'dahaiyang';
const GATEWAY = 'gw-1';
const NOW = 1_800_000_000;
const DAY = 86_400;
const FIRMWARE = 'timeband-gateway 1.2.3';

const issuer = PrivateKey.generate();
const gatewayKey = PrivateKey.generate();
const bandKey = PrivateKey.generate();
const valid = { notBefore: NOW - DAY, expires: NOW + DAY };
const certify = (subject: string, role: 'gateway' | 'band', { publicKey: key }: PrivateKey): Uint8Array =>
  issueCertificate(issuer, { issuer: SITE, subject, role, site: SITE, key, ...valid });

/** What the band answers when the gateway asks for the `counter`th time. */
function answered(direction: 'in' | 'out', counter: number, by = bandKey): CborMap {
  const asked = { what: 'punch', challenger: GATEWAY, service: 7, direction } as const;
  const nonce = new Uint8Array(16).fill(counter);
  const proof: KnownProof = {
    kind: 'answer',
    message: signAnswer(by, SITE, { ...asked, nonce, counter, sincePress: 1 }),
  };
  return punchBody({ direction, service: 7, proof });
}

describe('the gateway’s own log', () => {
  let dir: string;
  let store: Store;
  let trust: TrustStore;
  let events: Event[];
  let primary: string | undefined;
  let now: number;
  let certificate: Certificate;
  let ownLog: OwnLog;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'own-log-'));
    events = [];
    primary = undefined;
    now = NOW;
    start();
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  /** The gateway starts, on what is on disk. */
  function start(key = gatewayKey): void {
    store = new Store(join(dir, 'gateway.db'));
    trust = new TrustStore([issuer.publicKey]);
    certificate = trust.verify(certify(GATEWAY, 'gateway', key), { roles: ['gateway'], site: SITE });
    const bands = new Bands({
      ...{ site: SITE, store, trust, certificates: [certify('band-7', 'band', bandKey)] },
    });
    const assessor = new Assessor({ site: SITE, store, bands });
    const verifier = new EventVerifier();
    verifier.trust(certificate);
    const committer = new Committer({
      ...{ store, assessor, visits: new Visits(store), events: new EventLog(store, key, certificate) },
      wallClock: () => now,
      committed: (published) => {
        for (const { message } of published) events.push(verifier.verify(message).event);
      },
      unreadable: (_device, _seq, error) => expect.fail(error.message),
    });
    const wall = (): number => now;
    ownLog = new OwnLog({
      ...{ gateway: GATEWAY, store, committer, assessor, firmware: FIRMWARE },
      credentials: { key, certificate, issuer: certificate, trust },
      clock: new GatewayClock({ wall, monotonic: wall, floor: certificate.notBefore }),
      policies: {
        ...{ revocations: 0, revision: 0, documents: [] },
        get primary() {
          return primary;
        },
      },
    });
  }
  function restart(key?: PrivateKey): void {
    store.close();
    start(key);
  }
  const punch = (direction: 'in' | 'out', counter: number) =>
    ownLog.log(KIND.punch, answered(direction, counter));
  const logged = () =>
    events.map(({ record }) => {
      const { seq, boot, kind, body } = decodeRecord(record);
      return [seq, boot, kind === KIND.device ? readDevice(body).event : kind];
    });

  it('begins each start that logs something with a record of the start, which says what runs', async () => {
    await punch('in', 1);
    restart();
    restart(); // a start that logs nothing leaves no trace
    now += 1_800;
    await punch('out', 2);
    await punch('in', 3);
    expect(logged()).toEqual([
      ...[
        [1, 1, 'boot'],
        [2, 1, KIND.punch],
      ],
      ...[
        [3, 2, 'boot'],
        [4, 2, KIND.punch],
        [5, 2, KIND.punch],
      ],
    ]);
    expect(readDevice(decodeRecord(events[0]?.record ?? new Uint8Array()).body)).toEqual({
      ...{ event: 'boot', firmware: FIRMWARE },
    });
  });

  it('is not there before there is something to log', () => {
    expect(store.totals()).toMatchObject({ logs: 0, records: 0 });
  });

  it('holds the punch of a band that answered, at tier 2, in the name of the gateway', async () => {
    now += 90.7;
    await punch('in', 1);
    expect(events[1]).toMatchObject({
      ...{ device: GATEWAY, gateway: GATEWAY, band: 'band-7', evidence: 2, logSeq: 2, type: 'punch' },
      time: { earliest: NOW + 89, latest: NOW + 91 },
    });
    expect(decodeRecord(events[1]?.record ?? new Uint8Array())).toMatchObject({
      ...{ uptime: 90, time: { quality: 'set', wall: NOW + 90, age: 0 } },
    });
  });

  it('says under which number a punch stands, and what it came to', async () => {
    expect(await punch('out', 1)).toEqual({ seq: 2, outcome: { outcome: 'queued' } });
    expect(await punch('in', 2)).toEqual({ seq: 3, outcome: { outcome: 'accepted' } });
    expect(await punch('in', 3)).toEqual({ seq: 4, outcome: { outcome: 'refused', because: 'again' } });
    now += 2_700;
    expect(await punch('out', 4)).toEqual({ seq: 5, outcome: { outcome: 'accepted', minutes: 45 } });
    expect(await punch('in', 5)).toEqual({ seq: 6, outcome: { outcome: 'accepted' } });
    now += 241 * 60;
    expect(await punch('out', 6)).toEqual({ seq: 7, outcome: { outcome: 'queued' } });
    const queue = deviceBody({ event: 'queue', waiting: 3 });
    expect(await ownLog.log(KIND.device, queue)).toEqual({ seq: 8, outcome: { outcome: 'queued' } });
  });

  it('stays one chain whoever logs at the same time', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((counter) => punch(counter % 2 === 1 ? 'in' : 'out', counter)));
    expect(events.map(({ logSeq }) => logSeq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(store.findLog(events[0]?.logId ?? new Uint8Array())).toMatchObject({ device: GATEWAY, head: 6 });
  });

  it('is opened from its genesis, and each of its records can be proven to a stranger', async () => {
    await punch('in', 1);
    const { thumbprint } = certificate;
    const genesis = genesisHash({ site: SITE, device: GATEWAY, thumbprint, epoch: 1 });
    expect(events[0]).toMatchObject({ logId: logIdOf(genesis), logPrevious: genesis });
    for (const seq of [1, 2]) {
      const row = store.proofs.find(GATEWAY, seq) ?? expect.fail();
      const { record, previous, seal, certificate: bytes } = { ...row, record: row.bytes };
      const proof = decodeRecordProof(
        proveRecordByDigests({ seq, previous, record, seal, certificate: bytes }, row.later),
      );
      const { key } = new TrustStore([issuer.publicKey]).verify(proof.certificate, {
        ...{ roles: ['gateway'], site: SITE },
      });
      expect(verifyRecordProof(proof, key, SITE)).toMatchObject({ first: 1, last: 2 });
    }
  });

  it('goes on in a new epoch under a new key, which first says which key was before', async () => {
    await punch('in', 1);
    const before = store.findLog(events[0]?.logId ?? new Uint8Array()) ?? expect.fail();
    const earlier = certificate.thumbprint;
    restart(PrivateKey.generate());
    const first = events.length;
    await punch('out', 2);
    expect(logged().slice(first)).toEqual([
      ...[
        [1, 2, 'keyChanged'],
        [2, 2, 'boot'],
        [3, 2, KIND.punch],
      ],
    ]);
    expect(readDevice(decodeRecord(events[first]?.record ?? new Uint8Array()).body)).toEqual({
      ...{ event: 'keyChanged', earlier },
    });
    const genesis = genesisHash({
      ...{ site: SITE, device: GATEWAY, thumbprint: certificate.thumbprint, epoch: 2 },
      previous: { logId: before.logId, seq: 2, head: before.hash },
    });
    expect(events[first]?.logId).toEqual(logIdOf(genesis));
  });

  it('takes nothing while the clock may not be gone by', async () => {
    now = certificate.notBefore - 1;
    expect(ownLog.isOpen).toBe(false);
    expect(await punch('in', 1)).toBeUndefined();
    expect(store.totals()).toMatchObject({ logs: 0, records: 0 });
    now = NOW;
    expect(await punch('in', 1)).toMatchObject({ outcome: { outcome: 'accepted' } });
  });

  it('takes nothing while another gateway is the site’s primary', async () => {
    primary = 'gw-2';
    expect([ownLog.isOpen, await punch('in', 1)]).toEqual([false, undefined]);
    expect(events).toEqual([]);
  });

  it('takes nothing once the gateway’s own certificate has expired', async () => {
    now = certificate.expires;
    await expect(punch('in', 1)).rejects.toThrow(CertificateError);
    expect(events).toEqual([]);
  });

  const log = (body: CborMap) => ownLog.log(KIND.punch, body);
  const forOtherDirection = (): CborMap => new Map([...answered('in', 1), [1, 2]]);
  const replayed = async () => {
    await punch('in', 1);
    events.length = 0;
    return punch('in', 1);
  };
  const ofRevokedKey = () => {
    const { thumbprint } = trust.verify(certify('band-7', 'band', bandKey), { roles: ['band'], site: SITE });
    trust.revoke(keyId(issuer.publicKey), new RevocationList([{ thumbprint, at: NOW - 1 }]));
    return punch('in', 1);
  };
  const tooLong = (): CborMap => new Map([...answered('in', 1), [99, new Uint8Array(4_096)]]);

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'of a band that is not known',
      () => log(answered('in', 1, PrivateKey.generate())),
      'evidence/unknown-key',
    ],
    ['for another direction', () => log(forOtherDirection()), 'evidence/mismatch'],
    ['that was used before', replayed, 'evidence/replay'],
    ['of a band whose key was revoked', ofRevokedKey, 'cert/revoked'],
    ['that is too long for a record', () => log(tooLong()), 'cbor/too-large'],
  ])('refuses an answer %s instead of sealing it, and goes on', async (_, attempt, code) => {
    await expect(attempt()).rejects.toMatchObject({ code });
    expect(events).toEqual([]);
    await ownLog.log(KIND.device, deviceBody({ event: 'queue', waiting: 3 }));
    expect(events.at(-1)).toMatchObject({ type: 'device', device: GATEWAY });
  });

  it('loses nothing of its beginning to a commit that failed', async () => {
    vi.spyOn(store, 'transaction').mockImplementationOnce(() => {
      throw new Error('the disk is full');
    });
    await expect(punch('in', 1)).rejects.toThrow('the disk is full');
    await punch('in', 2);
    expect(logged()).toEqual([
      [1, 1, 'boot'],
      [2, 1, KIND.punch],
    ]);
  });
});
