/** What a committed record came to, in the words in which a band or reader is told (SPEC.md, Feedback). */
import { TimebandError } from '@timeband/protocol';
import type { RecordOutcome } from '../events/index.js';
import type { Preview } from '../ledger/index.js';
import { counts, isSuspicious } from '../verify/index.js';

/** The same words as the ledger's preview, after the fact. */
export function shownOutcome(outcome: RecordOutcome): Preview {
  if (outcome instanceof TimebandError) return { outcome: 'refused' };
  if (isSuspicious(outcome.reading)) return { outcome: 'refused', because: 'proof' };
  const { reading, change } = outcome;
  switch (change.change) {
    case 'open':
      return { outcome: 'accepted' };
    case 'close':
      return change.minutes === undefined
        ? { outcome: 'queued' }
        : { outcome: 'accepted', minutes: change.minutes };
    case 'none': {
      const isSecondCheckIn = counts(reading) && reading.punch?.direction === 'in';
      return isSecondCheckIn ? { outcome: 'refused', because: 'again' } : { outcome: 'queued' };
    }
  }
}
