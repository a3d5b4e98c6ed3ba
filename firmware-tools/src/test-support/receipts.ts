/** Receipts for tests, of a log with three events. */
import {
  consistencyPath,
  consistencyReceipt,
  encodeEvent,
  encodeReceipt,
  encodeRecord,
  eventHash,
  inclusionReceipt,
  issueCertificate,
  KIND,
  MerkleTree,
  PrivateKey,
  punchBody,
  signHead,
  type TreeHead,
} from '@timeband/protocol';
import { issuerKey, NOW, SITE } from './device.js';

export const gatewayKey = PrivateKey.generate();

export const gatewayCertificate = issueCertificate(issuerKey, {
  ...{ issuer: 'dahaiyang-issuer', subject: 'gw-1', role: 'gateway', site: SITE },
  ...{ notBefore: NOW - 50, expires: NOW + 50, key: gatewayKey.publicKey },
});

/** A check-out after 25 minutes, with a bound below or without. */
function eventAt(seq: number, earliest?: number): Uint8Array {
  return encodeEvent({
    ...{ site: SITE, gateway: 'gw-1', epoch: 1, seq, previous: new Uint8Array(32), type: 'punch' },
    ...{ device: 'reader-1', logId: new Uint8Array(16), logSeq: seq, logPrevious: new Uint8Array(32) },
    record: encodeRecord({
      ...{ kind: KIND.punch, seq, boot: 1, uptime: 1, time: { quality: 'unset' }, salt: new Uint8Array(8) },
      body: punchBody({
        ...{ direction: 'out', service: 101 },
        proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3) },
      }),
    }),
    ...{ sealId: new Uint8Array(32), evidence: 0, time: { earliest, latest: NOW }, recorded: NOW },
    ...{ band: 'tag-04010203', minutes: 25 },
  });
}

export const events = [eventAt(1), eventAt(2, NOW - 10), eventAt(3)];
const treeOf = (size: number): MerkleTree => new MerkleTree(events.slice(0, size).map(eventHash));

export function headOf(size: number, changed: Partial<TreeHead> = {}, key = gatewayKey): Uint8Array {
  return signHead(key, {
    ...{ site: SITE, gateway: 'gw-1', epoch: 1, size, issued: NOW, root: treeOf(size).root },
    ...changed,
  });
}

/** A receipt as a portable one, its parts changed. */
export function receiptOf(
  seq: number,
  changed: { event?: Uint8Array; head?: Uint8Array; certificate?: Uint8Array | undefined } = {},
): Uint8Array {
  const proof = { treeSize: 3, leafIndex: seq - 1, path: treeOf(3).path(seq - 1) };
  return encodeReceipt({
    event: events[seq - 1] ?? new Uint8Array(),
    receipt: inclusionReceipt(changed.head ?? headOf(3), proof),
    certificate: gatewayCertificate,
    ...changed,
  });
}

export function consistencyOf(earlierSize: number, laterSize: number): Uint8Array {
  const tree = treeOf(laterSize);
  const path = consistencyPath(
    earlierSize,
    laterSize,
    (level, index) => tree.subtree(level, index) ?? new Uint8Array(),
  );
  return consistencyReceipt(headOf(laterSize), { earlierSize, laterSize, path });
}
