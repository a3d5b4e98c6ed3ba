/** A book's store in memory, for the histories that tests make by the thousand. */
import type { Binding } from './bindings.js';
import type { BookStore, Kept } from './book-store.js';
import type { Judgement } from './claim.js';
import type { Entry } from './entry.js';
import type { Fact } from './fact.js';
import { netOf } from './state.js';

export interface MemoryKept extends Kept {
  judgement: Judgement;
  before: MemoryKept | undefined;
}

export class MemoryBookStore implements BookStore<MemoryKept> {
  readonly entries: Entry[] = [];
  readonly newestOf = new Map<string, MemoryKept>();
  readonly balances = new Map<string, number>();
  private readonly standings = new Map<string, number>();
  private readonly named = new Map<string, Set<number>>();
  private readonly bound: Binding[] = [];
  readonly facts = new Map<number, Fact>();

  newest = (account: string): MemoryKept | undefined => this.newestOf.get(account);
  before = (kept: MemoryKept): MemoryKept | undefined => kept.before;
  since = (last: MemoryKept, at: number): MemoryKept[] => {
    const found = [last];
    for (let kept = last; kept.before !== undefined && kept.claim.place.at >= at; kept = kept.before)
      found.push(kept.before);
    return found;
  };
  standing = (account: string): number => this.standings.get(account) ?? 0;
  balance = (account: string): number => this.balances.get(account) ?? 0;

  insert = (
    { claim, judgement }: Kept,
    after: MemoryKept | undefined,
    next: MemoryKept | undefined,
  ): MemoryKept => {
    const kept: MemoryKept = { claim, judgement, before: after };
    if (next === undefined) this.newestOf.set(claim.account, kept);
    else next.before = kept;
    this.stand(kept, 1);
    return kept;
  };

  remove = (kept: MemoryKept, next: MemoryKept | undefined): void => {
    this.stand(kept, -1);
    if (next !== undefined) next.before = kept.before;
    else if (kept.before !== undefined) this.newestOf.set(kept.claim.account, kept.before);
    else this.newestOf.delete(kept.claim.account);
  };

  rejudge = (kept: MemoryKept, judgement: Judgement): void => {
    this.stand(kept, -1);
    kept.judgement = judgement;
    this.stand(kept, 1);
  };

  post = (entry: Entry): void => {
    this.entries.push(entry);
    this.balances.set(entry.debit, this.balance(entry.debit) - entry.minutes);
    this.balances.set(entry.credit, this.balance(entry.credit) + entry.minutes);
  };

  mention = (name: string, event: number): void => {
    const known = this.named.get(name) ?? new Set();
    this.named.set(name, known.add(event));
  };
  mentions = (name: string): readonly number[] => [...(this.named.get(name) ?? [])];

  fact = (event: number): Fact => {
    const fact = this.facts.get(event);
    if (fact === undefined) throw new RangeError(`no event ${event}`);
    return fact;
  };

  bind = (binding: Binding): void => {
    this.bound.push(binding);
  };
  bindingsOf = (band: string): readonly Binding[] => this.bound.filter((binding) => binding.band === band);
  keyedBands = (account: string): readonly string[] =>
    this.bound.filter((binding) => binding.account === account && binding.hasKey).map(({ band }) => band);

  /** The oldest first. */
  timeline(account: string): MemoryKept[] {
    const found: MemoryKept[] = [];
    for (let kept = this.newest(account); kept !== undefined; kept = kept.before) found.push(kept);
    return found.reverse();
  }

  private stand({ claim, judgement }: MemoryKept, sign: 1 | -1): void {
    const { account, said } = claim;
    this.standings.set(account, this.standing(account) + sign * netOf(said.kind, judgement.minutes));
  }
}
