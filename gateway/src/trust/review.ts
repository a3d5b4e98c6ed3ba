/** Records of revoked keys: what is still good, and what people have to look at (SPEC.md, Revocations). */
import {
  CertificateError,
  type DeviceCertificate,
  type TrustStore,
  type SealedRecord,
  type SealedRecords,
} from '@timeband/protocol';
import type { Store, StoredLog } from '../store/index.js';

/** Judges each record of a batch; `received` is Unix seconds. Without a revocation there is nothing to judge. */
export function reviewOf(
  trust: TrustStore,
  store: Pick<Store, 'hashBefore'>,
  certificate: DeviceCertificate,
  log: StoredLog,
  sealed: SealedRecords,
  received: number,
): ((record: SealedRecord) => CertificateError | undefined) | undefined {
  const revocation = trust.revocationOf(certificate);
  if (revocation === undefined) return undefined;
  const hashAt = (seq: number): Uint8Array | undefined => {
    const last = log.head + sealed.records.length;
    if (seq === last) return sealed.hash;
    if (seq >= log.head) return sealed.records[seq - log.head]?.previous;
    return store.hashBefore(log.key, seq + 1);
  };
  return ({ seq }) =>
    trust.verdict(certificate, { logId: log.logId, seq, hashAt, received }) === 'trusted'
      ? undefined
      : new CertificateError(
          'cert/revoked',
          `the key of ${log.device} was revoked: its record waits for review`,
          {
            seq,
            at: revocation.at,
            reason: revocation.reason,
          },
        );
}
