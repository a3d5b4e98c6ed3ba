/** Tells a new call for help from one that goes on: each is announced at once, and again only while nobody has fetched it. */
import type { HelpHeard, Timers } from '@timeband/protocol';
import type { HeardBand } from './process/messages.js';

/** A call that goes on, because its record could not be fetched yet, is announced again after so long. */
const AGAIN_MS = 60_000;

export interface HelpCallsOptions {
  readonly timers: Timers;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly announce: (call: HelpHeard) => void;
}

export class HelpCalls {
  /** When each call that goes on was announced. Bounded by the site's bands. */
  private readonly announcedAt = new Map<string, number>();

  constructor(private readonly options: HelpCallsOptions) {}

  /** Takes what bands of this site said. */
  heard(bands: readonly HeardBand[]): void {
    const { timers, wallClock, announce } = this.options;
    const now = timers.now();
    for (const { device, help, rssi, battery } of bands) {
      if (!help) this.announcedAt.delete(device);
      else if (now - (this.announcedAt.get(device) ?? -Infinity) >= AGAIN_MS) {
        this.announcedAt.set(device, now);
        announce({ device, at: Math.floor(wallClock()), rssi, battery: Math.min(100, battery) });
      }
    }
  }
}
