/** Whose turn it is: whoever has had none for longest is likeliest to be next, so that time passes between two of one. */
import type { Random } from '../random.js';

/** Of those that waited longest, the share from which the next one is drawn. */
const WAITING_SHARE = 0.5;

export class Turns<Who> {
  /** Longest without a turn first. */
  private queue: readonly Who[];

  constructor(
    everybody: readonly Who[],
    private readonly random: Random,
  ) {
    this.queue = everybody;
  }

  get everybody(): readonly Who[] {
    return this.queue;
  }

  /** The next one of those who can come; undefined where nobody can. */
  next(canCome: (who: Who) => boolean = () => true): Who | undefined {
    const waiting = this.queue.filter(canCome);
    return waiting[this.random.below(Math.ceil(waiting.length * WAITING_SHARE))];
  }

  /** Somebody had a turn; nothing comes of it for those who are not in the queue. */
  taken(who: Who): void {
    if (this.queue.includes(who)) this.queue = [...this.queue.filter((other) => other !== who), who];
  }

  /** Forgets who was last: everybody may be the next. */
  mingle(): void {
    const order = this.queue.map((who) => ({ who, place: this.random.next() }));
    this.queue = order.sort((a, b) => a.place - b.place).map(({ who }) => who);
  }
}
