/** What a tap will come to, said before it is sealed (SPEC.md, Feedback). */
import type { Record } from '@timeband/protocol';
import type { Preview } from '../ledger/index.js';
import type { StoredLog } from '../store/index.js';
import { counts, isSuspicious } from '../verify/index.js';
import type { SyncContext } from './context.js';
import { standsBack } from './own-word.js';

/** @throws CborError, RecordError when the body is not what its kind requires */
export function previewTap(
  record: Record,
  log: StoredLog,
  context: Pick<SyncContext, 'assessor' | 'visits' | 'clock' | 'policies' | 'gateway'>,
): Preview {
  const { assessor, visits, clock } = context;
  const now = clock.now();
  if (now === undefined || standsBack(context)) return { outcome: 'queued' };
  const time = { earliest: Math.floor(now), latest: Math.floor(now) };
  const reading = assessor.preview(record, log, time);
  const { punch, band } = reading;
  if (isSuspicious(reading)) return { outcome: 'refused' };
  if (punch === undefined || band === undefined || !counts(reading)) return { outcome: 'queued' };
  return visits.preview(band, punch, now);
}
