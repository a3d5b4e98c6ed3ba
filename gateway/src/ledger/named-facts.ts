/** Facts by what they name, so that one record finds the others that it has to do with. */
import type { BookStore } from './book-store.js';
import type { Claim } from './claim.js';
import type { Fact } from './fact.js';
import { comparePlaces } from './place.js';
import { uniqueName } from './resolve.js';

export class NamedFacts {
  constructor(private readonly store: Pick<BookStore, 'mentions' | 'fact'>) {}

  /** In the order of their events. */
  all(name: string): Fact[] {
    return this.store.mentions(name).map((event) => this.store.fact(event));
  }

  /** The one with the earliest place. */
  first(name: string): Fact | undefined {
    let first: Fact | undefined;
    for (const fact of this.all(name))
      if (first === undefined || comparePlaces(fact.place, first.place) < 0) first = fact;
    return first;
  }

  /** Whether no other record with an earlier place says the same thing. */
  isFirst({ said, event }: Claim): boolean {
    const name = uniqueName(said);
    if (name === undefined) return true;
    return this.store.mentions(name).length < 2 || this.first(name)?.event === event;
  }
}
