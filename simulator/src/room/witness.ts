/** Sees what the bands of a room do: counts it, and tells it once it may, in order. */
import type { Timers } from '@timeband/protocol';
import type { WristbandEvent } from '../band/wristband.js';
import type { FactoryEvent } from '../factory/index.js';

/** @param at Unix milliseconds */
export type TellBand = (band: string, event: BandEvent, at: number) => void;

export type BandEvent = WristbandEvent | FactoryEvent;

export class Witness {
  /** Records. */
  readonly counts = { logged: 0, acked: 0 };
  private readonly untold: (() => void)[] = [];
  /** Unix milliseconds at 0 of the clock. */
  private began: number | undefined;

  constructor(
    private readonly clock: Pick<Timers, 'now'>,
    private readonly tell: TellBand,
  ) {}

  readonly saw = (band: string, event: BandEvent): void => {
    if (event.event === 'logged') this.counts.logged++;
    if (event.event === 'acked') this.counts.acked += event.records;
    const at = this.clock.now();
    if (this.began !== undefined) this.tell(band, event, this.began + at);
    else
      this.untold.push(() => {
        this.tell(band, event, (this.began ?? 0) + at);
      });
  };

  /** It may tell from here on, what was seen before first. */
  speak(began: number): void {
    this.began = began;
    for (const tell of this.untold.splice(0)) tell();
  }
}
