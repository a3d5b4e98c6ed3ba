/** Long work in slices: whoever else needs the loop never waits for more than one. */

import { nextTurn } from '../next-turn.js';

/** Work that can be interrupted wherever it yields; what it yields is how much of it was done since. */
export type Work = Generator<number, void>;

export interface SliceOptions {
  /** Milliseconds of work between two rests. */
  readonly sliceMs?: number;
  /** Gives the loop to others. */
  readonly rest?: () => Promise<void>;
  /** Told after every slice how much was done in all. */
  readonly progress?: ((done: number) => void) | undefined;
  /** Asked after every slice; throws to end it. */
  readonly goOn?: (() => void) | undefined;
}

/** A tenth of the 20 Hz at which readers are asked, and well below what anybody notices. */
export const SLICE_MS = 5;

export async function runInSlices(work: Work, options: SliceOptions = {}): Promise<void> {
  const { sliceMs = SLICE_MS, rest = nextTurn, progress, goOn } = options;
  let done = 0;
  let until = performance.now() + sliceMs;
  for (const step of work) {
    done += step;
    if (performance.now() < until) continue;
    progress?.(done);
    goOn?.();
    await rest();
    until = performance.now() + sliceMs;
  }
  progress?.(done);
}
