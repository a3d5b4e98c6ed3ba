/**
 * Work that takes longer than one answer over the control socket: whoever began it asks again until it is done, and
 * hears how far it is. Work that nobody asks about any more is given up.
 */
import { randomUUID } from 'node:crypto';
import { systemTimers, type Timers } from '@timeband/protocol';
import type { ControlRoute } from './control.js';

export interface JobProgress {
  readonly done: number;
  readonly total: number;
}

/** Answer to every question about a job; `result` once it is done. */
export interface JobAnswer extends JobProgress {
  readonly job: string;
  readonly result?: unknown;
}

export interface JobRun {
  readonly progress: (progress: JobProgress) => void;
  /** Throws once nobody asks any more. */
  readonly goOn: () => void;
}

/** An answer is given at the latest after this. */
const ANSWER_MS = 500;
/** Who has not asked for this long is gone. */
const GONE_MS = 10_000;

interface Job {
  readonly id: string;
  readonly ended: Promise<unknown>;
  progress: JobProgress;
  hasEnded: boolean;
  askedAt: number;
}

/**
 * A route whose work takes long. The first question begins it, with `job` later ones ask about it; one at a time.
 * @param start begins the work; what it throws is the answer to the next question
 */
export function jobRoute(
  start: (query: URLSearchParams, run: JobRun) => Promise<unknown>,
  timers: Timers = systemTimers,
): ControlRoute {
  let current: Job | undefined;

  const begin = (query: URLSearchParams): Job => {
    if (current?.hasEnded === false) throw new Error('this is being done already; try again when it is over');
    const run: JobRun = {
      progress: (progress) => {
        job.progress = progress;
      },
      goOn: () => {
        if (timers.now() - job.askedAt > GONE_MS) throw new Error('nobody asks for the answer any more');
      },
    };
    const job: Job = {
      ...{ id: randomUUID(), progress: { done: 0, total: 0 }, hasEnded: false, askedAt: timers.now() },
      ended: Promise.resolve().then(() => start(query, run)),
    };
    const end = (): void => {
      job.hasEnded = true;
    };
    job.ended.then(end, end);
    current = job;
    return job;
  };

  return async (query): Promise<JobAnswer | undefined> => {
    const id = query.get('job');
    const job = id === null ? begin(query) : current;
    if (job === undefined || (id !== null && job.id !== id)) return undefined;
    job.askedAt = timers.now();
    await Promise.race([job.ended, after(timers, ANSWER_MS)]);
    const answer = { job: job.id, ...job.progress };
    return job.hasEnded ? { ...answer, result: await job.ended } : answer;
  };
}

function after(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(ms, resolve);
  });
}
