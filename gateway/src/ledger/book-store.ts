/** What the book keeps, and where: in the gateway's database, or in memory for whoever wants to try something. */
import type { Binding, BindingSource } from './bindings.js';
import type { Claim, Judgement } from './claim.js';
import type { Entry } from './entry.js';
import type { Fact } from './fact.js';

/** A claim in the timeline of its account, and what became of it. */
export interface Kept {
  readonly claim: Claim;
  readonly judgement: Judgement;
}

/**
 * Timelines are in the order of places, each a chain that is walked from its newest end: what is late is rarely very
 * late. The journal is in the order in which it was written. All of it is part of the caller's transaction.
 */
export interface BookStore<K extends Kept = Kept> extends BindingSource {
  readonly newest: (account: string) => K | undefined;
  /** The one before it in its account's timeline. */
  readonly before: (kept: K) => K | undefined;
  /** A claim and those before it, the newest first, down to the first that is older than a moment, Unix seconds. */
  readonly since: (last: K, at: number) => readonly K[];
  /** Between two neighbours. */
  readonly insert: (kept: Kept, after: K | undefined, next: K | undefined) => K;
  /** `next` is the one after it. */
  readonly remove: (kept: K, next: K | undefined) => void;
  readonly rejudge: (kept: K, judgement: Judgement) => void;
  /** What the judgements in its timeline add up to. */
  readonly standing: (account: string) => number;

  readonly post: (entry: Entry) => void;
  readonly balance: (account: string) => number;

  /** An event names something that others may name too. Once or twice is the same. */
  readonly mention: (name: string, event: number) => void;
  /** Events that name it. */
  readonly mentions: (name: string) => readonly number[];
  readonly fact: (event: number) => Fact;

  /** `event` is that of the enrolment. */
  readonly bind: (binding: Binding, event: number) => void;
}
