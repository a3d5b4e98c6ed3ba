/**
 * The ledger of minutes: derived from published records and from the policy of the site, and from nothing else. It is
 * written in the transaction that stores the records, and can be made again from them to the same bytes.
 */
import { createHash } from 'node:crypto';
import type { PolicyDocument } from '@timeband/protocol';
import type { Logger } from 'pino';
import { type Store, StoreFault } from '../store/index.js';
import { Book } from './book.js';
import { type Claim, type Judgement, needsReview } from './claim.js';
import { account } from './entry.js';
import type { Fact } from './fact.js';
import type { Policy } from './judge.js';
import type { Place } from './place.js';
import { type Period, PolicyHistory } from './policy-history.js';
import { factOf, type PublishedRecord } from './read-fact.js';
import { RedemptionPreview } from './redemption-preview.js';
import { siteDays } from './site-days.js';
import { netOf } from './state.js';
import { StoredBook, type StoredKept } from './stored-book.js';
import type { Preview } from './visits.js';

/** What it derives from, and where it keeps what it derives. */
export type LedgerStore = Pick<
  Store,
  'ledger' | 'transaction' | 'facts' | 'factsOf' | 'commitOf' | 'lastCommit' | 'logIdOf' | 'findLog'
>;

export interface LedgerOptions {
  readonly store: LedgerStore;
  /** IANA zone of the site; that of this machine when left out. */
  readonly timeZone?: string | undefined;
  readonly log?: Logger | undefined;
}

/** All in whole minutes. */
export interface Balance {
  readonly account: string;
  readonly minutes: number;
  /** Promised and not yet spent; not part of `minutes`. */
  readonly held: number;
}

/** One line of a statement. */
export interface StatementLine extends Judgement {
  /** Where it stands in the one order of everything; with it a statement is read on. */
  readonly place: Place;
  /** Unix seconds. */
  readonly at: number;
  /** Position of the event that it derives from. */
  readonly event: number;
  readonly claim: Claim['said'];
  /** What it did to the balance, and the balance after it. */
  readonly change: number;
  readonly balance: number;
  readonly review: boolean;
}

/** From and to which moment, Unix seconds; the second one is not part of it. */
export interface Span {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Where the ledger is. */
export interface LedgerPosition {
  /** Position of the last event that it has taken in. */
  readonly event: number;
  /** Number of the newest entry of its journal. */
  readonly entry: number;
}

/** Events of one transaction when much is derived at once. */
const AT_ONCE = 10_000;
/** What was recorded a moment ago may bear the next second: what is being asked about comes after it. Seconds. */
const CLOCKS_DIFFER = 5;
/** Rows read at once: what is done with few of them before it is garbage costs no memory. */
const PAGE = 200;

export class Ledger {
  private readonly stored: StoredBook;
  private readonly book: Book<StoredKept>;
  private readonly policies: PolicyHistory;
  private readonly redemptions: RedemptionPreview;
  private halted: Error | undefined;

  constructor(private readonly options: LedgerOptions) {
    const { store, log } = options;
    this.stored = new StoredBook(store);
    this.policies = new PolicyHistory(store.ledger, log);
    this.book = new Book({
      store: this.stored,
      policyAt: (event) => this.policies.at(event),
      dayOf: siteDays(this.timeZone()),
    });
    const { book } = this;
    this.redemptions = new RedemptionPreview({
      consider: (fact) => book.consider(fact),
      isHeld: (redemption) => book.knowsHold(redemption),
      minutesOf: (name) => this.stored.balance(name),
      rules: () => this.policies.current.rules,
    });
  }

  /** Where a ledger goes by one zone it goes on with it: with another it would come to something else when derived again. */
  private timeZone(): string {
    const { store, timeZone, log } = this.options;
    const { ledger } = store;
    const known = ledger.timeZone;
    if (known !== undefined && timeZone !== undefined && known !== timeZone) {
      log?.warn({ known, timeZone }, 'the ledger goes on by the time zone that it began with');
    }
    if (known !== undefined) return known;
    const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
    ledger.setTimeZone(zone);
    return zone;
  }

  /** What the site goes by now. */
  get policy(): Policy {
    return this.policies.current;
  }

  /** A policy document is in force, from the next event on. */
  adopt(document: PolicyDocument): void {
    this.policies.adopt(document, this.options.store.lastCommit()?.last ?? 0);
  }

  /**
   * Takes in the records of a commit, as part of the transaction that stores their events. A ledger that cannot go on
   * holds up no evidence: it stops where it was, says so, and tries again when the gateway is started.
   */
  record(published: readonly PublishedRecord[]): void {
    const [first] = published;
    const last = published.at(-1);
    if (first === undefined || last === undefined) return;
    const { store, log } = this.options;
    if (store.ledger.progress !== first.seq - 1) return;
    try {
      store.transaction(() => {
        for (const record of published) this.take(factOf(record));
        this.flush(last.seq);
      });
    } catch (error) {
      if (error instanceof StoreFault) throw error;
      this.halted = error as Error;
      log?.error(
        { err: error, event: first.seq },
        'ALARM: the ledger cannot go on; records are stored and published all the same',
      );
      this.reload();
    }
  }

  /** What a redemption will come to once it is sealed, for the reader's display. @throws CborError, RecordError */
  previewRedemption(record: Omit<PublishedRecord, 'seq'>): Preview {
    const { earliest, latest } = record.time;
    const time = { earliest, latest: latest + CLOCKS_DIFFER };
    const fact = factOf({ ...record, time, seq: (this.options.store.lastCommit()?.last ?? 0) + 1 });
    return fact === undefined ? { outcome: 'queued' } : this.redemptions.preview(fact);
  }

  /** Why nothing is posted any more. */
  get problem(): string | undefined {
    return this.halted?.message;
  }

  private take(fact: Fact | undefined): void {
    if (fact === undefined) return;
    this.stored.know(fact);
    this.book.record(fact);
  }

  private flush(event: number): void {
    this.stored.flush();
    this.options.store.ledger.setProgress(event);
  }

  /** After a transaction that failed: what the store says counts again. */
  reload(): void {
    this.stored.reload();
    this.book.reload();
  }

  /** Events that are still to be taken in, of a database that is older than the ledger; 0 when it is up to date. */
  get behind(): number {
    const { store } = this.options;
    return (store.lastCommit()?.last ?? 0) - store.ledger.progress;
  }

  /** Takes in at most so many of them. What goes wrong is thrown, and the ledger is where it was. */
  advance(most: number): void {
    const { progress } = this.options.store.ledger;
    try {
      this.step(progress + Math.min(most, this.behind));
    } catch (error) {
      this.reload();
      throw error;
    }
  }

  /** Takes in events that are not in the ledger yet. */
  catchUp(progress: (done: number, total: number) => void = () => undefined): void {
    const { store } = this.options;
    const total = store.lastCommit()?.last ?? 0;
    while (store.ledger.progress < total) {
      const last = Math.min(total, store.ledger.progress + AT_ONCE);
      this.step(last);
      progress(last, total);
    }
  }

  /** Takes in what is not in it yet, up to an event. */
  step(last: number): void {
    const { store } = this.options;
    store.transaction(() => {
      this.takeIn(store.ledger.progress + 1, last);
    });
  }

  /** Forgets it and derives it again. */
  rebuild(progress?: (done: number, total: number) => void): void {
    const { store } = this.options;
    store.transaction(() => {
      store.ledger.clear();
    });
    this.reload();
    this.catchUp(progress);
  }

  private takeIn(first: number, last: number): void {
    for (let next = first; next <= last; next += PAGE) {
      for (const fact of this.stored.read(next, Math.min(last, next + PAGE - 1))) this.take(fact);
    }
    this.flush(last);
  }

  /** @param at how it stood then, by what is known now */
  balance(name: string, at = Infinity): Balance {
    let [minutes, held] = [this.stored.balance(name), this.stored.balance(account.held(name))];
    for (const { claim, judgement } of at === Infinity ? [] : this.stored.timeline(name)) {
      if (claim.place.at <= at) break;
      minutes -= netOf(claim.said.kind, judgement.minutes);
      held -= heldBy(claim.said.kind, judgement.minutes);
    }
    return { account: name, minutes, held };
  }

  /** The oldest line first. */
  statement(name: string, { from = -Infinity, to = Infinity }: Span = {}): StatementLine[] {
    return [...this.lines(name, { from, to })].reverse();
  }

  /** The same, the newest line first, read as far as somebody wants it. */
  *lines(name: string, { from = -Infinity, to = Infinity }: Span = {}): Iterable<StatementLine> {
    let balance = this.stored.standing(name);
    for (const { claim, judgement } of this.stored.timeline(name)) {
      const { place, event, said } = claim;
      if (place.at < from) break;
      const change = netOf(said.kind, judgement.minutes);
      if (place.at < to) {
        const review = needsReview(judgement.outcome);
        const { outcome, minutes, exact } = judgement;
        const line = { outcome, minutes, place, at: place.at, event, claim: said, change, balance, review };
        yield exact === undefined ? line : { ...line, exact };
      }
      balance -= change;
    }
  }

  get position(): LedgerPosition {
    const { progress, newestEntry } = this.options.store.ledger;
    return { event: progress, entry: newestEntry };
  }

  /** Whose a band is at a place, by what is known now. */
  accountOf(band: string, place: Place): string | undefined {
    return this.book.accountOf(band, place);
  }

  /** Whose a band is that is held to a reader just now, Unix seconds. */
  accountAtReader(band: string, now: number): string | undefined {
    return this.accountOf(band, { at: now + CLOCKS_DIFFER, log: '', seq: 0, part: 0 });
  }

  /** What the site went by when an event was published. */
  policyAt(event: number): Policy {
    return this.policies.at(event);
  }

  /** All that it went by, the newest last. */
  get policyHistory(): readonly Period[] {
    return this.policies.all;
  }

  /** IANA zone by whose days it goes. */
  get zone(): string {
    return this.options.store.ledger.timeZone ?? 'UTC';
  }

  /** SHA-256 over all accounts and the whole journal: the same records give the same. */
  digest(): string {
    const work = this.digestInSteps();
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
    }
  }

  /** The same, of the ledger as it is when this begins, while it goes on: the caller may rest between two steps. */
  *digestInSteps(): Generator<number, string> {
    const { ledger } = this.options.store;
    const hash = createHash('sha256');
    const { newestEntry } = ledger;
    for (
      let after = '', rows;
      (rows = ledger.accounts(after, PAGE)).length > 0;
      after = rows.at(-1)?.name ?? ''
    ) {
      for (const { name, balance, standing } of rows) hash.update(`${name} ${balance} ${standing}\n`);
    }
    for (let after = 0; after < newestEntry;) {
      yield after;
      const rows = ledger.entries(after, PAGE).filter(({ id }) => id <= newestEntry);
      for (const row of rows) hash.update(`${Object.values(row).join(' ')}\n`);
      after = rows.at(-1)?.id ?? newestEntry;
    }
    return hash.digest('hex');
  }
}

function heldBy(kind: Claim['said']['kind'], minutes: number): number {
  return kind === 'hold' ? minutes : kind === 'capture' || kind === 'release' ? -minutes : 0;
}
