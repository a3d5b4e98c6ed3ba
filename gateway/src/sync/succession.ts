/** A log that continues another: after a loss, or under a new key (SPEC.md, Log, Forks, Rotation). */
import { equalBytes, type Identity, LogError } from '@timeband/protocol';
import type { Store } from '../store/index.js';
import type { SyncContext } from './context.js';

export interface SuccessionContext extends Pick<SyncContext, 'log' | 'counters'> {
  readonly store: Pick<Store, 'findLog' | 'hashBefore' | 'markForked'>;
}

/**
 * Compares what a device says of its earlier log with what is stored of it. Records that were sealed there and never
 * came here are a gap that people are told of; another story up to there is a fork.
 *
 * @throws LogError `log/fork`
 */
export function checkSuccession(identity: Identity, { store, log, counters }: SuccessionContext): void {
  const { device, previous, epoch } = identity;
  const earlier = previous === undefined ? undefined : store.findLog(previous.logId);
  if (previous === undefined || earlier === undefined) return;
  if (earlier.device !== device) {
    throw new LogError('log/fork', `${device} continues a log of ${earlier.device}`);
  }
  if (earlier.head < previous.seq) {
    counters.count('log/gap', device);
    log.error(
      { device, code: 'log/gap', from: earlier.head + 1, to: previous.seq },
      `ALARM: ${device} began epoch ${epoch}; records it had sealed before are not stored here`,
    );
    return;
  }
  const stored = hashAt(store, earlier, previous.seq);
  if (stored !== undefined && !equalBytes(stored, previous.head)) {
    store.markForked(earlier.key);
    throw new LogError('log/fork', `${device} tells another story of its earlier log up to ${previous.seq}`);
  }
}

/** `h(seq)` as stored. */
function hashAt(
  store: Pick<Store, 'hashBefore'>,
  log: { readonly key: number; readonly head: number; readonly hash: Uint8Array },
  seq: number,
): Uint8Array | undefined {
  return seq === log.head ? log.hash : store.hashBefore(log.key, seq + 1);
}
