import {
  issueCertificate,
  MerkleTree,
  PrivateKey,
  type Role,
  signHead,
  type TreeHead,
  TrustStore,
} from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import type { UplinkFailure } from './failure.js';
import { StoryGuard } from './story-guard.js';

const SITE = 'dahaiyang';
const NOW = 1_800_000_000;
const issuer = PrivateKey.generate();
const trust = new TrustStore([issuer.publicKey]);

function certify(key: PrivateKey, subject = 'gw-1', role: Role = 'gateway', by = issuer): Uint8Array {
  return issueCertificate(by, {
    ...{ issuer: SITE, subject, role, site: SITE, key: key.publicKey },
    ...{ notBefore: NOW - 100, expires: NOW + 1_000 },
  });
}

const key = PrivateKey.generate();
const certificate = trust.verify(certify(key), { roles: ['gateway'], site: SITE });
/** Ten events, of which only their hashes matter. */
const leaves = Array.from({ length: 10 }, (_, i) => new Uint8Array(32).fill(i + 1));
const rootOf = (size: number): Uint8Array => new MerkleTree(leaves.slice(0, size)).root;
const head = (size: number, more: Partial<TreeHead> = {}): TreeHead => ({
  ...{ site: SITE, gateway: 'gw-1', epoch: 2, size, issued: NOW },
  root: size <= 10 ? rootOf(size) : new Uint8Array(32),
  ...more,
});

function open(earlier: readonly Uint8Array[] = []) {
  const ignored: string[] = [];
  const guard = new StoryGuard({
    ...{ certificate, earlier, trust },
    story: {
      ...{ epoch: 2, base: 0 },
      newest: () => Promise.resolve({ bytes: signHead(key, head(10)), says: head(10) }),
      rootOf: (size) => Promise.resolve(size <= 10 ? rootOf(size) : undefined),
    },
    ignored: ({ code }) => {
      ignored.push(code);
    },
  });
  return { guard, ignored };
}

const refusal = (theirs: TreeHead): Promise<UplinkFailure> =>
  open()
    .guard.compare(theirs)
    .then(
      () => {
        throw new Error('it was taken');
      },
      (error: unknown) => error as UplinkFailure,
    );

describe('the head that stands at the city', () => {
  it('is a beginning of our log: we go on', async () => {
    for (let size = 1; size <= 10; size++) await open().guard.compare(head(size));
  });

  it('is of an epoch before ours: ours began by naming it', async () => {
    await open().guard.compare(head(999, { epoch: 1 }));
  });

  it('is longer than ours: this box is an old backup or a copy', async () => {
    expect(await refusal(head(11))).toMatchObject({ code: 'uplink/fork', state: 'blocked' });
  });

  it('has another root at the same size: the two told different stories, and both are named', async () => {
    const { message } = await refusal(head(7, { root: new Uint8Array(32).fill(0xab) }));
    expect(message).toContain('event 7 of epoch 2 (root abababababababab…)');
    expect(message).toContain('event 10 of epoch 2');
  });

  it('is of a later epoch than ours: a restore went on without us', async () => {
    expect(await refusal(head(1, { epoch: 3 }))).toMatchObject({ code: 'uplink/fork' });
  });

  it('counts only under our key or one that the issuer certified for this gateway', () => {
    const { guard, ignored } = open();
    expect(guard.open(signHead(key, head(3)))).toMatchObject({ size: 3, epoch: 2 });
    expect(guard.open(signHead(PrivateKey.generate(), head(3)))).toBeUndefined();
    expect(guard.open(Buffer.from('rubbish'))).toBeUndefined();
    expect(ignored).toHaveLength(2);
  });

  it('may be signed by a key of before a renewal, or by the one that came after this backup', () => {
    const old = PrivateKey.generate();
    const next = PrivateKey.generate();
    const { guard } = open([certify(old)]);
    expect(guard.open(signHead(old, head(3)))).toMatchObject({ size: 3 });
    expect(guard.open(signHead(next, head(4)))).toBeUndefined();
    guard.certificate(certify(next));
    expect(guard.open(signHead(next, head(4)))).toMatchObject({ size: 4 });
  });

  it('does not count under a certificate of another box, of a reader, or of a stranger', () => {
    const other = PrivateKey.generate();
    const { guard } = open();
    guard.certificate(certify(other, 'gw-2'));
    guard.certificate(certify(other, 'gw-1', 'reader'));
    guard.certificate(certify(other, 'gw-1', 'gateway', PrivateKey.generate()));
    expect(guard.open(signHead(other, head(3)))).toBeUndefined();
  });
});
