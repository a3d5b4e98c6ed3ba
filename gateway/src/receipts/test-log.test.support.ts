/** An event log in memory, with as many events as a test wants and no devices. */
import {
  encodeCommit,
  encodeEvent,
  eventGenesis,
  eventHash,
  issueCertificate,
  MerkleTree,
  PrivateKey,
  signCommit,
  TrustStore,
} from '@timeband/protocol';
import type { EventSource } from './receipts.js';

export const SITE = 'dahaiyang';
export const NOW = 1_800_000_000;
const issuer = PrivateKey.generate();
export const key = PrivateKey.generate();
export const trust = new TrustStore([issuer.publicKey]);
export const certificate = trust.verify(
  issueCertificate(issuer, {
    ...{ issuer: SITE, subject: 'gw-1', role: 'gateway', site: SITE },
    ...{ notBefore: NOW - 100, expires: NOW + 1_000, key: key.publicKey },
  }),
  { roles: ['gateway'], site: SITE },
);

export class TestLog implements EventSource {
  readonly epoch = 1;
  /** How often leaves were made again. */
  asked = 0;
  private readonly events: Uint8Array[] = [];
  private previous = eventGenesis(SITE, 'gw-1', certificate.thumbprint, 1);

  constructor(count = 0) {
    this.add(count);
  }

  get head(): number {
    return this.events.length;
  }

  add(count: number): void {
    for (let i = 0; i < count; i++) this.append(25);
  }

  append(minutes: number): void {
    const seq = this.events.length + 1;
    const event = encodeEvent({
      ...{ site: SITE, gateway: 'gw-1', epoch: 1, seq, previous: this.previous, type: 'punch' },
      ...{ device: 'reader-1', logId: new Uint8Array(16), logSeq: seq, logPrevious: new Uint8Array(32) },
      ...{ record: Uint8Array.of(0xa0), sealId: new Uint8Array(32), evidence: 0, time: { latest: NOW } },
      ...{ recorded: NOW, minutes },
    });
    this.events.push(event);
    this.previous = eventHash(event);
  }

  hashes(first: number, last: number): Uint8Array[] {
    this.asked += last - first + 1;
    return this.events.slice(first - 1, last).map(eventHash);
  }

  read(after: number, limit: number): { seq: number; message: Uint8Array }[] {
    const events = this.events.slice(after, after + limit);
    const tree = new MerkleTree(events.map(eventHash));
    return encodeCommit(events, tree, signCommit(key, SITE, tree.root)).map((message, i) => ({
      ...{ seq: after + 1 + i, message },
    }));
  }
}
