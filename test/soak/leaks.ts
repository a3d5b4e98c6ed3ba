/** What a process holds on to, measured so that two moments can be compared. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Held {
  /** Bytes of objects, after a collection. */
  readonly heap: number;
  /** Bytes outside the heap that objects hold. */
  readonly buffers: number;
  /** Sockets, timers, pipes and the like that keep the event loop alive. */
  readonly handles: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export async function held(): Promise<Held> {
  // What finalizers let go of is free only after another turn.
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers, handles: process.getActiveResourcesInfo().length };
}

/** Growth per step of the line through evenly spaced samples (least squares). */
export function slope(samples: readonly number[]): number {
  const n = samples.length;
  if (n < 2) return 0;
  const middle = (n - 1) / 2;
  const mean = samples.reduce((sum, value) => sum + value, 0) / n;
  const above = samples.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  const below = samples.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return above / below;
}
