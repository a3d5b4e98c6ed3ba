/** What a tap will come to, said before it is sealed (SPEC.md, Feedback). */
import { equalBytes, KIND, type Punch, type Record } from '@timeband/protocol';
import type { Preview } from '../ledger/index.js';
import type { StoredLog } from '../store/index.js';
import { standsBack } from '../trust/index.js';
import { counts, isSuspicious } from '../verify/index.js';
import type { OwnPunch } from './challenge.js';
import type { SyncContext } from './context.js';

/**
 * @param ownPunch the punch of this device that we logged ourselves, whose copy has come to what it came to
 * @throws CborError, RecordError when the body is not what its kind requires
 */
export function previewTap(
  record: Record,
  log: StoredLog,
  context: Pick<
    SyncContext,
    'assessor' | 'visits' | 'kitchen' | 'ledger' | 'clock' | 'policies' | 'gateway' | 'committer'
  >,
  ownPunch?: OwnPunch,
): Preview {
  const { assessor, visits, kitchen, ledger, clock, gateway, committer } = context;
  const now = clock.now();
  if (now === undefined || !committer.isOpen || standsBack(context)) return { outcome: 'queued' };
  const time = { earliest: Math.floor(now), latest: Math.floor(now) };
  const reading = assessor.preview(record, log, time);
  const { punch, band } = reading;
  if (isSuspicious(reading)) return { outcome: 'refused', because: 'proof' };
  if (record.kind === KIND.meal && band !== undefined && kitchen !== undefined)
    return kitchen.preview(record.body, band, Math.ceil(now));
  if (record.kind === KIND.redeem && ledger !== undefined) {
    const { evidence, band: by } = reading;
    const { logId } = log;
    return ledger.previewRedemption({
      record,
      logId,
      logSeq: record.seq,
      time,
      evidence,
      band: by,
      recorded: () => now,
    });
  }
  if (ownPunch !== undefined && isCopyOf(ownPunch, punch, gateway)) return ownPunch.outcome;
  if (punch !== undefined && band === undefined) return { outcome: 'queued', because: 'unknown' };
  if (punch === undefined || band === undefined || !counts(reading)) return { outcome: 'queued' };
  return visits.preview(band, punch, now);
}

function isCopyOf({ nonce }: OwnPunch, punch: Punch | undefined, gateway: string): boolean {
  const proof = punch?.proof;
  return proof?.kind === 'own' && proof.challenger === gateway && equalBytes(proof.nonce, nonce);
}
