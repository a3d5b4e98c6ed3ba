/** When and on which advertising channel a scanner or initiator listens (Core, Vol 6, Part B, 4.4.3 and 4.4.4). */
import { ADVERTISING_CHANNELS } from '../air/timing.js';

export interface ListeningSettings {
  readonly intervalMs: number;
  /** Listens for this long at the start of every interval; at most the interval. */
  readonly windowMs: number;
}

export class Listening {
  constructor(
    private readonly settings: ListeningSettings,
    private readonly since: number,
  ) {}

  /** Share of the time spent listening. */
  get duty(): number {
    return this.settings.windowMs / this.settings.intervalMs;
  }

  /** The channel listened to throughout, counted from 0; undefined when there is none. */
  channel(from: number, to: number): number | undefined {
    const { intervalMs, windowMs } = this.settings;
    const turn = Math.floor((from - this.since) / intervalMs);
    const end = to - this.since - turn * intervalMs;
    return from >= this.since && end <= windowMs ? turn % ADVERTISING_CHANNELS : undefined;
  }
}
