/**
 * How a start of the gateway goes on with its own log: in which epoch, and what it logs first (SPEC.md, Log, Rotation,
 * Event).
 */
import {
  type Certificate,
  decodeRecord,
  equalBytes,
  genesisHash,
  type KnownDeviceStatement,
  logIdOf,
  readUnverifiedCertificate,
} from '@timeband/protocol';
import type { EpochOpening } from '../events/index.js';
import type { NewestRecord, Store, StoredLog } from '../store/index.js';

/** A start that logs something. */
export interface Start {
  readonly log: StoredLog;
  /** Counts such starts, from 1. */
  readonly boot: number;
  /** What stands in front of the first record of this start. */
  readonly statements: readonly KnownDeviceStatement[];
}

/** Finds the gateway's own log in the store, or opens it, or the epoch that follows under a new key or after a restore. */
export function beginStart(
  store: Store,
  certificate: Certificate,
  firmware: string,
  restored?: EpochOpening,
): Start {
  const before = store.newestRecords.find(certificate.subject);
  const boot = before === undefined ? 1 : decodeRecord(before.record).boot + 1;
  const started: readonly KnownDeviceStatement[] = [
    ...(restored === undefined ? [] : [restored.statement]),
    ...newKey(before, certificate),
    { event: 'boot', firmware },
  ];
  const continued = before && findLog(store, before);
  if (restored !== undefined) {
    // What was logged after the backup is gone, and its numbers with it: no record goes under them again.
    const lostFrom = (continued?.head ?? 0) + 1;
    const log = openEpoch(store, certificate, Math.max(restored.epoch, (before?.epoch ?? 0) + 1), continued);
    return { log, boot, statements: [...started, { event: 'logOpened', lostFrom }] };
  }
  if (before === undefined) return { log: openEpoch(store, certificate, 1), boot, statements: started };
  if (continued !== undefined && started.length === 1) return { log: continued, boot, statements: started };
  return { log: openEpoch(store, certificate, before.epoch + 1, continued), boot, statements: started };
}

function newKey(before: NewestRecord | undefined, certificate: Certificate): KnownDeviceStatement[] {
  if (before === undefined) return [];
  const { thumbprint: earlier } = readUnverifiedCertificate(before.certificate);
  return equalBytes(earlier, certificate.thumbprint) ? [] : [{ event: 'keyChanged', earlier }];
}

/** An epoch may be there already: one in which nothing came to be logged. */
function openEpoch(store: Store, certificate: Certificate, epoch: number, before?: StoredLog): StoredLog {
  const { site, subject: device, thumbprint, bytes } = certificate;
  const previous = before && { logId: before.logId, seq: before.head, head: before.hash };
  const hash = genesisHash({ site, device, thumbprint, epoch, previous });
  const logId = logIdOf(hash);
  return store.findLog(logId) ?? store.insertLog({ logId, device, epoch, certificate: bytes, base: 0, hash });
}

function findLog(store: Store, { logId }: NewestRecord): StoredLog {
  const log = store.findLog(logId);
  if (log === undefined) throw new RangeError('a record in a log that is not in the store');
  return log;
}
