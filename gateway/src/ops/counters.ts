/** Counters by name and label, for health and status. Bounded: labels come from outside. */

const MAX_LABELS = 256;

export class CounterSet {
  private readonly counts = new Map<string, Map<string, number>>();

  count(name: string, label = ''): void {
    let labels = this.counts.get(name);
    if (labels === undefined) {
      labels = new Map();
      this.counts.set(name, labels);
    }
    const key = labels.has(label) || labels.size < MAX_LABELS ? label : 'other';
    labels.set(key, (labels.get(key) ?? 0) + 1);
  }

  /** A counter over all its labels. */
  total(name: string): number {
    let sum = 0;
    for (const value of this.counts.get(name)?.values() ?? []) sum += value;
    return sum;
  }

  /** `{name: {label: count}}`; the label is empty where a counter has none. */
  toJSON(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries(
      [...this.counts].sort().map(([name, labels]) => [name, Object.fromEntries(labels)]),
    );
  }
}
