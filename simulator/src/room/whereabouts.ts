/**
 * Where somebody who wears a band is: at the centre, in reach of its gateway, or at somebody's home, out of it. What is
 * left in the middle of a connection is not told to the other side, as in life.
 */
import { type Path, type Position, walkingBetween } from '../radio/air/signal.js';
import type { Random } from '../random.js';
import { somewhere } from '../radio/simulation.js';

/** Metres from the centre to the first home, and from there to the next: nobody hears another. */
const HOMES_APART = 1_000;
/** Metres between two people who visit. */
const TOGETHER = 0.5;
/** Metres to where somebody who comes and goes turns round: out of reach. */
const STROLL = 100;
const METRES_PER_SECOND = 1.4;

export class Whereabouts {
  private readonly home: Position;
  /** At whose home; at the centre without. */
  private host: Whereabouts | undefined;

  /** @param number tells homes apart, from 0 */
  constructor(
    number: number,
    private readonly centre: Path,
  ) {
    this.home = { x: HOMES_APART * (number + 1), y: 0 };
  }

  get isAtCentre(): boolean {
    return this.host === undefined;
  }

  isAtHomeOf(host: Whereabouts): boolean {
    return this.host === host;
  }

  goHome(): void {
    this.host = this;
  }

  /** Goes to somebody else's home. */
  goTo(host: Whereabouts): void {
    this.host = host;
  }

  goToCentre(): void {
    this.host = undefined;
  }

  readonly path: Path = (now) => {
    const { host } = this;
    if (host === undefined) return this.centre(now);
    return host === this ? this.home : { x: host.home.x + TOGETHER, y: host.home.y };
  };
}

/** Somewhere in the room; those who come and go walk away from there and back, for ever. */
export function atCentre(random: Random, comesAndGoes: boolean): Path {
  const place = somewhere(random.next);
  if (!comesAndGoes) return place;
  const here = place(0);
  const walk = walkingBetween(here, { x: here.x + STROLL, y: here.y }, METRES_PER_SECOND);
  const head = random.next() * ((2 * STROLL) / METRES_PER_SECOND) * 1_000;
  return (now) => walk(now + head);
}
