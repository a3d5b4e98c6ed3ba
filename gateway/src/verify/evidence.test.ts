/** What a gateway remembers of proofs: within a commit, across commits, and across starts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Assessment,
  decodeRecord,
  encodeRecord,
  issueCertificate,
  KIND,
  type KnownProof,
  makeSun,
  PrivateKey,
  punchBody,
  type Record,
  RevocationList,
  signAnswer,
  toHex,
  TrustStore,
} from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TagKeys } from '../config/index.js';
import { Store } from '../store/index.js';
import { Bands } from './bands.js';
import { Assessor, counts, isSuspicious } from './evidence.js';

const SITE = 'dahaiyang';
const NOW = 1_800_000_000;
const DAY = 86_400;
const uid = Uint8Array.of(4, 1, 2, 3, 4, 5, 6);
const tagKey = new Uint8Array(16).fill(7);
const issuer = PrivateKey.generate();
const bandKey = PrivateKey.generate();
const nonce = new Uint8Array(16).fill(9);

const certificate = (subject = 'band-7', key = bandKey) =>
  issueCertificate(issuer, {
    ...{ issuer: SITE, subject, role: 'band', site: SITE },
    ...{ notBefore: NOW - DAY, expires: NOW + DAY, key: key.publicKey },
  });

function punch(proof: KnownProof): Record {
  const body = punchBody({ direction: 'in', service: 101, proof });
  const time = { quality: 'unset' } as const;
  return decodeRecord(
    encodeRecord({ kind: KIND.punch, seq: 1, boot: 1, uptime: 1, time, salt: new Uint8Array(8), body }),
  );
}
const sun = (counter: number) => punch(makeSun(tagKey, { uid, counter }));
const answer = (counter: number, challenger = 'reader-1') =>
  punch({
    kind: 'answer',
    message: signAnswer(bandKey, SITE, {
      ...{ what: 'punch', nonce, challenger, service: 101, direction: 'in', counter, sincePress: 1 },
    }),
  });
const own = punch({ kind: 'own', nonce, challenger: 'reader-1' });

describe('a gateway’s assessment', () => {
  let dir: string;
  let store: Store;
  let trust: TrustStore;
  let assessor: Assessor;
  const reader = { key: 1, device: 'reader-1' };
  const band = { key: 2, device: 'band-7' };
  const at = (second: number) => ({ earliest: NOW + second, latest: NOW + second + 2 });

  const open = (): void => {
    store = new Store(join(dir, 'gateway.db'));
    trust = new TrustStore([issuer.publicKey]);
    assessor = new Assessor({
      ...{ site: SITE, store, bands: new Bands({ site: SITE, store, trust, certificates: [certificate()] }) },
      tagKeys: TagKeys.of(new Map([[toHex(uid), tagKey]])),
    });
  };
  const restart = (): void => {
    store.close();
    open();
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'evidence-'));
    open();
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  /** Assesses and commits. */
  const take = (record: Record, log: typeof reader, second: number): Assessment => {
    const reading = assessor.assess(record, log, at(second));
    store.transaction(() => {
      assessor.persist(reading, { log: log.key, seq: 1, time: at(second) });
    });
    assessor.settle();
    return reading;
  };

  it('knows a replayed message in the same commit, in a later one, and after a restart', () => {
    expect(assessor.assess(sun(5), reader, at(0)).evidence).toBe(1);
    expect(assessor.assess(sun(5), reader, at(1)).doubt?.code).toBe('evidence/replay');
    assessor.settle(); // the commit failed: nothing was used up
    expect(take(sun(5), reader, 0).evidence).toBe(1);
    expect(take(sun(5), reader, 1).doubt?.code).toBe('evidence/replay');
    restart();
    expect(take(sun(5), reader, 2).doubt?.code).toBe('evidence/replay');
    expect(take(sun(6), reader, 3).evidence).toBe(1);
  });

  it('uses nothing up for a preview', () => {
    expect(assessor.preview(sun(5), reader, at(0)).evidence).toBe(1);
    expect(assessor.preview(sun(5), reader, at(0)).evidence).toBe(1);
    expect(take(sun(5), reader, 0).evidence).toBe(1);
  });

  it('counts an act once, whichever commit brings its second copy', () => {
    const first = take(answer(1), reader, 0);
    expect([first.evidence, counts(first)]).toEqual([2, true]);
    const copy = take(own, band, 0);
    expect([copy.evidence, counts(copy), isSuspicious(copy)]).toEqual([2, false, false]);
    restart();
    expect(counts(take(own, band, 0))).toBe(false);
  });

  it('lets a band’s word alone neither count nor raise suspicion', () => {
    const alone = take(own, band, 0);
    expect([alone.evidence, counts(alone), isSuspicious(alone)]).toEqual([1, false, false]);
    expect(counts(take(answer(1), reader, 0))).toBe(true);
  });

  it('suspects a replayed answer, and not a tag whose key it does not know', () => {
    take(answer(1), reader, 0);
    expect(isSuspicious(take(answer(1), reader, 10))).toBe(true);
    const unknown = assessor.assess(
      punch(makeSun(tagKey, { uid: Uint8Array.of(4, 9, 9, 9, 9, 9, 9), counter: 1 })),
      reader,
      at(0),
    );
    expect([unknown.evidence, counts(unknown), isSuspicious(unknown)]).toEqual([0, true, false]);
  });

  it('believes no band whose key was revoked or has expired, from then on', () => {
    expect(take(answer(1), reader, 0).evidence).toBe(2);
    expect(take(answer(2), reader, 2 * DAY).doubt?.code).toBe('cert/expired');
    const { thumbprint, signer } = trust.verify(certificate(), { roles: ['band'], site: SITE });
    trust.revoke(signer, new RevocationList([{ thumbprint, at: NOW + 100 }]));
    expect(take(answer(3, 'reader-2'), { key: 3, device: 'reader-2' }, 200).doubt?.code).toBe('cert/revoked');
  });

  it('believes a band’s certificate only of its own site and issuer', () => {
    const bands = (bytes: Uint8Array) => new Bands({ site: SITE, store, trust, certificates: [bytes] });
    const stranger = PrivateKey.generate();
    const claims = { subject: 'band-7', role: 'band', notBefore: 0, expires: NOW + DAY } as const;
    const forged = issueCertificate(stranger, {
      ...{ ...claims, issuer: SITE, site: SITE, key: stranger.publicKey },
    });
    const elsewhere = issueCertificate(issuer, {
      ...{ ...claims, issuer: SITE, site: 'xiaohaiyang', key: stranger.publicKey },
    });
    for (const bytes of [forged, elsewhere, new Uint8Array(5)]) {
      expect(bands(bytes).has('band-7')).toBe(false);
    }
    expect(bands(certificate()).has('band-7')).toBe(true);
  });

  it('learns a band by the certificate of its log', () => {
    const bands = new Bands({ site: SITE, store, trust });
    expect(bands.has('band-7')).toBe(false);
    store.insertLog({
      ...{ logId: new Uint8Array(16), device: 'band-7', epoch: 1, certificate: certificate(), base: 0 },
      hash: new Uint8Array(32),
    });
    expect(bands.has('band-7')).toBe(true);
    const { kid } = trust.verify(certificate(), { roles: ['band'], site: SITE });
    expect(bands.find(kid, at(0))?.band).toBe('band-7');
  });
});
