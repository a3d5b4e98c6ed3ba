/** What a radio counts, by name. */

export class RadioCounters {
  private readonly counts = new Map<string, number>();

  /** @param name of a fixed set: nothing that comes over the air is ever part of one */
  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  get(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }
}
