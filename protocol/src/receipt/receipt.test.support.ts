/** A gateway's log of a few events, its heads and receipts. */
import { issueCertificate, TrustStore, type Certificate, type Role } from '../cwt/index.js';
import type { PrivateKey } from '../crypto/index.js';
import {
  consistencyPath,
  encodeEvent,
  eventGenesis,
  eventHash,
  inclusionPath,
  MerkleTree,
  treeRoot,
  type Event,
  type SubtreeHash,
} from '../event/index.js';
import { encodeRecord } from '../log/index.js';
import { KIND, punchBody } from '../records/index.js';
import { keyOf } from '../test-support/index.js';
import { consistencyReceipt, inclusionReceipt, signHead, type TreeHead } from './head.js';
import { encodeReceipt } from './receipt.js';

export const SITE = 'dahaiyang';
export const GATEWAY = 'gw-1';
export const ISSUED = 1_750_000_100;
export const issuer = keyOf('issuer');
export const key = keyOf('gateway');

export function issue(subject: string, role: Role, of: PrivateKey, by = issuer): Uint8Array {
  return issueCertificate(by, {
    ...{ issuer: 'dahaiyang-issuer', subject, role, site: SITE },
    ...{ notBefore: ISSUED - 1_000, expires: ISSUED + 1_000, key: of.publicKey },
  });
}

export const trust = new TrustStore([issuer.publicKey]);
export const certify = (subject: string, of: PrivateKey): Certificate =>
  trust.verify(issue(subject, 'gateway', of), { roles: ['gateway'], site: SITE });
export const certificate = certify(GATEWAY, key);

/** Check-outs from service 101, 25 minutes each. */
export function eventAt(seq: number, previous: Uint8Array, changed: Partial<Event> = {}): Uint8Array {
  return encodeEvent({
    ...{ site: SITE, gateway: GATEWAY, epoch: 1, seq, previous, type: 'punch', device: 'reader-1' },
    ...{ logId: new Uint8Array(16), logSeq: seq, logPrevious: new Uint8Array(32) },
    record: encodeRecord({
      ...{ kind: KIND.punch, seq, boot: 1, uptime: seq, time: { quality: 'unset' }, salt: new Uint8Array(8) },
      body: punchBody({
        ...{ direction: 'out', service: 101 },
        proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3) },
      }),
    }),
    ...{ sealId: new Uint8Array(32), evidence: 0, time: { earliest: ISSUED - 300, latest: ISSUED - 290 } },
    ...{ recorded: ISSUED - 280, band: 'tag-04010203', minutes: 25 },
    ...changed,
  });
}

export class SomeLog {
  readonly events: Uint8Array[] = [];
  private readonly tree: MerkleTree;

  constructor(size: number, changed: Partial<Event> = {}) {
    let previous = eventGenesis(SITE, GATEWAY, certificate.thumbprint, 1);
    for (let seq = 1; seq <= size; seq++) {
      this.events.push(eventAt(seq, previous, changed));
      previous = eventHash(this.events[seq - 1] ?? previous);
    }
    this.tree = new MerkleTree(this.events.map(eventHash));
  }

  private readonly subtree: SubtreeHash = (level, index) =>
    this.tree.subtree(level, index) ?? new Uint8Array();

  /** What the head over the first `size` events says. */
  claims(size: number): TreeHead {
    return {
      ...{ site: SITE, gateway: GATEWAY, epoch: 1, size, issued: ISSUED },
      root: treeRoot(size, this.subtree),
    };
  }

  head(size: number, signer = key): Uint8Array {
    return signHead(signer, this.claims(size));
  }

  receipt(seq: number, size: number, head = this.head(size)): Uint8Array {
    const path = inclusionPath(seq - 1, size, this.subtree);
    return inclusionReceipt(head, { treeSize: size, leafIndex: seq - 1, path });
  }

  portable(seq: number, size: number): Uint8Array {
    return encodeReceipt({
      ...{ event: this.events[seq - 1] ?? new Uint8Array(), receipt: this.receipt(seq, size) },
      certificate: certificate.bytes,
    });
  }

  consistency(earlierSize: number, laterSize: number): Uint8Array {
    const path = consistencyPath(earlierSize, laterSize, this.subtree);
    return consistencyReceipt(this.head(laterSize), { earlierSize, laterSize, path });
  }
}
