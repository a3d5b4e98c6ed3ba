/** A figure of a benchmark, and how it is printed. */

export interface Figure {
  readonly bench: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** What it has to reach, where something is promised. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  readonly run: (options: BenchOptions) => Promise<readonly Figure[]>;
}

export interface BenchOptions {
  /** Progress, for a person. */
  readonly say: (line: string) => void;
  /** Multiplies the amount of work; 1 gives figures worth keeping. */
  readonly scale: number;
}

export function print(figure: Figure, json: boolean): void {
  const { bench, metric, value, unit, target } = figure;
  if (json) {
    console.log(JSON.stringify({ bench, metric, value, unit }));
    return;
  }
  const promise =
    target === undefined
      ? ''
      : 'atLeast' in target
        ? `at least ${target.atLeast}`
        : `at most ${target.atMost}`;
  const kept = target === undefined ? '' : reached(figure) ? '  reached' : '  MISSED';
  console.log(
    `${bench.padEnd(11)} ${metric.padEnd(34)} ${format(value).padStart(12)} ${unit.padEnd(10)} ${promise}${kept}`.trimEnd(),
  );
}

export function reached({ value, target }: Figure): boolean {
  return target === undefined || ('atLeast' in target ? value >= target.atLeast : value <= target.atMost);
}

function format(value: number): string {
  return Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}

/** The value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Makes the figures of one benchmark. */
export function figuresOf(bench: string) {
  return (metric: string, value: number, unit: string, target?: Figure['target']): Figure => ({
    bench,
    metric,
    value,
    unit,
    ...(target && { target }),
  });
}

/** Picks the message of another process with this `event`. */
export function byEvent(
  event: string,
): <T extends Readonly<Record<string, unknown>>>(message: T) => T | undefined {
  return (message) => (message['event'] === event ? message : undefined);
}
