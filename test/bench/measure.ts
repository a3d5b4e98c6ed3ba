/** How long one call takes. */

/** Microseconds of one call of `work`: the median of several runs, after warming up. */
export function microseconds(work: () => void, runMs = 120, runs = 5): number {
  let batch = 1;
  for (;;) {
    const took = time(work, batch);
    if (took > runMs / 4) {
      batch = Math.max(1, Math.round((batch * runMs) / took));
      break;
    }
    batch *= 4;
  }
  const samples = Array.from({ length: runs }, () => (time(work, batch) / batch) * 1_000);
  return samples.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? NaN;
}

function time(work: () => void, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) work();
  return performance.now() - start;
}
