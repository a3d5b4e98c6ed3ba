/** How sealed records come into the store and the books, watched: how long it takes, whether the disk goes on, what is unreadable. */
import type { PublishedEvent } from '../broker/index.js';
import { Committer } from '../events/index.js';
import { StorageWatch } from '../store/index.js';
import { FaultReporter } from '../sync/index.js';
import type { Books } from './books.js';
import type { Foundation } from './foundation.js';

export function watchStorage({ config, files, settings, timers, counters, log }: Foundation): StorageWatch {
  return new StorageWatch({
    dir: config.dataDir,
    holdFile: files.trialHold,
    get minFreeBytes() {
      return settings.live.storage.minFreeMb * 1_000_000;
    },
    ...{ timers, counters, log: log.child({ name: 'storage' }) },
  });
}

/** Of the transactions since the start. */
export interface CommitFigures {
  count: number;
  longestMs: number;
}

export interface CommittingParts {
  readonly base: Foundation;
  readonly books: Pick<Books, 'visits' | 'ledger' | 'matters'>;
  readonly storage: StorageWatch;
  /** Is handed events that are on disk. */
  readonly committed: (published: readonly PublishedEvent[]) => void;
}

export function openCommitter({ base, books, storage, committed }: CommittingParts): {
  readonly committer: Committer;
  readonly commits: Readonly<CommitFigures>;
} {
  const { store, assessor, events, marker, wallClock, timers, counters, log, stopwatch } = base;
  const { visits, ledger, matters } = books;
  const commits: CommitFigures = { count: 0, longestMs: 0 };
  // Such records are stored and quarantined; a device full of them must not fill the log as well.
  const faults = new FaultReporter('store', counters, log.child({ name: 'store' }), timers);
  const committer = new Committer({
    ...{ store, assessor, visits, ledger, matters, events, storage, wallClock },
    committed: (published) => {
      marker.note(events.newest);
      committed(published);
    },
    unreadable: (device, _seq, error) => {
      faults.report(error, device);
    },
    doubted: (device, _seq, error) => {
      faults.report(error, device);
    },
    timed: (ms) => {
      commits.count++;
      commits.longestMs = Math.max(commits.longestMs, ms);
      stopwatch?.commit(ms);
    },
  });
  return { committer, commits };
}
