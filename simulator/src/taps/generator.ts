/**
 * Who taps when: bands arrive at random, check in for some service, and on their next tap check out of it.
 * Whoever has not tapped for longest is likeliest to come, so that time passes between the two.
 */
import {
  CHALLENGE_NONCE_BYTES,
  type Direction,
  type NewPunch,
  type Punch,
  randomBytes,
  type Timers,
} from '@timeband/protocol';
import type { Random } from '../random.js';
import type { Band } from './bands.js';
import { anyService } from './services.js';
import { Turns } from './turns.js';

export class Residents {
  private readonly turns: Turns<Band>;
  private readonly checkedIn = new Map<Band, number>();

  constructor(
    bands: readonly Band[],
    private readonly random: Random,
    /** Id of the reader they tap at. */
    private readonly reader: string,
  ) {
    this.turns = new Turns(bands, random);
  }

  get bands(): readonly Band[] {
    return this.turns.everybody;
  }

  /** The next band to tap; undefined where there are none. */
  next(): Band | undefined {
    return this.turns.next();
  }

  /** What a band's tap says: out of what it is in, or into some service. */
  punch(
    band: Band,
    wanted: { direction?: Direction | undefined; service?: number | undefined } = {},
  ): NewPunch {
    const open = this.checkedIn.get(band);
    const direction = wanted.direction ?? (open === undefined ? 'in' : 'out');
    const service = wanted.service ?? (direction === 'out' ? open : undefined) ?? anyService(this.random);
    const nonce = randomBytes(CHALLENGE_NONCE_BYTES);
    const proof = band.prove({ nonce, what: 'punch', challenger: this.reader, service, direction });
    return { direction, service, proof };
  }

  /** Forgets who tapped last: everybody may be the next. */
  mingle(): void {
    this.turns.mingle();
  }

  /** The reader took the tap. */
  tapped(band: Band, { direction, service }: Punch): void {
    if (direction === 'in') this.checkedIn.set(band, service);
    else this.checkedIn.delete(band);
    this.turns.taken(band);
  }
}

export interface TapGeneratorOptions {
  readonly perMinute: number;
  readonly timers: Timers;
  readonly random: Random;
  readonly tap: () => void;
}

/** Calls `tap` at random times, `perMinute` on average (a Poisson process), until stopped. */
export function startTaps({ perMinute, timers, random, tap }: TapGeneratorOptions): () => void {
  let cancel: () => void = () => undefined;
  const schedule = (): void => {
    const waitMs = (-Math.log(1 - random.next()) * 60_000) / perMinute;
    cancel = timers.after(waitMs, () => {
      schedule();
      tap();
    });
  };
  if (perMinute > 0) schedule();
  return () => {
    cancel();
  };
}
