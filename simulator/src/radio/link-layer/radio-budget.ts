/**
 * A controller has one radio: while it serves a connection it hears no advert, and what is left over is shared by
 * scanning and initiating. This keeps its timetable and adds up what the time went to.
 */

/** Milliseconds by what the radio did; they add up to the time that has passed. */
export interface AirShare {
  readonly links: number;
  readonly scanning: number;
  readonly initiating: number;
  readonly idle: number;
}

/** Shares of the time in which the radio listens for adverts when no connection needs it. */
export interface Duty {
  readonly initiating: number;
  readonly scanning: number;
}

const SILENT: Duty = { initiating: 0, scanning: 0 };

/** An occupation that ended longer ago than any advert lasts cannot matter any more. */
const REMEMBERED_MS = 10;

export class RadioBudget {
  private readonly recent: { readonly from: number; readonly to: number }[] = [];
  private duty = SILENT;
  private countedUntil: number;
  private occupiedSince = 0;
  private totals = { links: 0, scanning: 0, initiating: 0, idle: 0 };

  constructor(private readonly now: () => number) {
    this.countedUntil = now();
  }

  /** Until when the radio is in use. */
  get busyUntil(): number {
    return this.recent.at(-1)?.to ?? -Infinity;
  }

  /** Takes the radio for a connection event or an exchange that follows an advert; in the order of time. */
  occupy(from: number, to: number): void {
    while (this.recent[0] !== undefined && this.recent[0].to < from - REMEMBERED_MS) this.recent.shift();
    this.recent.push({ from, to });
    this.occupiedSince += to - from;
  }

  /** Whether the radio could listen throughout. */
  wasFree(from: number, to: number): boolean {
    return !this.recent.some((taken) => taken.from < to && taken.to > from);
  }

  /** From now on the radio listens for these shares of its free time. */
  listen(duty: Duty): void {
    this.count();
    this.duty = duty;
  }

  get share(): AirShare {
    this.count();
    return { ...this.totals };
  }

  private count(): void {
    const now = this.now();
    const elapsed = now - this.countedUntil;
    const links = Math.min(this.occupiedSince, elapsed);
    const free = elapsed - links;
    const initiating = free * this.duty.initiating;
    const scanning = (free - initiating) * this.duty.scanning;
    this.totals = {
      links: this.totals.links + links,
      initiating: this.totals.initiating + initiating,
      scanning: this.totals.scanning + scanning,
      idle: this.totals.idle + free - initiating - scanning,
    };
    this.occupiedSince -= links;
    this.countedUntil = now;
  }
}
