/** The book's store in the gateway's database. Accounts are written when a transaction ends, however often they changed in it. */
import { toHex } from '@timeband/protocol';
import type { CommitRow, FactRow, LedgerClaimRow, Store } from '../store/index.js';
import type { Binding } from './bindings.js';
import type { BookStore, Kept } from './book-store.js';
import { type Claim, type Judgement, OUTCOME, type Outcome, type Said } from './claim.js';
import type { Entry } from './entry.js';
import type { Fact } from './fact.js';
import type { Place } from './place.js';
import { readFact } from './read-fact.js';
import { claimsOf } from './resolve.js';
import { netOf } from './state.js';

type ClaimRow = Omit<LedgerClaimRow, 'account'>;

interface Account {
  readonly id: number;
  readonly name: string;
  balance: number;
  standing: number;
  newest: StoredKept | number | undefined;
  changed: boolean;
}

/** Accounts and facts that are kept in memory. */
const MOST_ACCOUNTS = 20_000;
const MOST_FACTS = 2_048;
/** Claims read at once where a whole timeline is gone through. */
const PAGE = 200;

const NAMES = new Map<number, Outcome>(
  (Object.keys(OUTCOME) as Outcome[]).map((name) => [OUTCOME[name], name]),
);

/** What it says is read when somebody asks. */
class KeptClaim implements Claim {
  readonly event: number;
  readonly account: string;
  readonly place: Place;

  constructor(
    { event, account, place }: Omit<Claim, 'said'>,
    private readonly readSaid: () => Said,
    private known: Said | undefined,
  ) {
    this.event = event;
    this.account = account;
    this.place = place;
  }

  get said(): Said {
    return (this.known ??= this.readSaid());
  }
}

export class StoredKept implements Kept {
  judgement: Judgement;
  private view: Claim | undefined;

  constructor(
    readonly id: number,
    private readonly known: Omit<Claim, 'said'>,
    judgement: Judgement,
    /** Number of the claim before it. */
    public earlier: number | undefined,
    private readonly readSaid: () => Said,
    private readonly said?: Said,
  ) {
    this.judgement = judgement;
  }

  get claim(): Claim {
    return (this.view ??= new KeptClaim(this.known, this.readSaid, this.said));
  }
}

export class StoredBook implements BookStore<StoredKept> {
  private readonly accounts = new Map<string, Account>();
  private readonly names = new Map<number, string>();
  private readonly facts = new Map<number, Fact>();
  private readonly logs = new Map<number, Uint8Array>();
  /** The one last looked at: events are read in their order. */
  private commit: CommitRow | undefined;
  private readonly logKeys = new Map<string, number>();
  private changed: Account[] = [];

  constructor(
    private readonly tables: Pick<Store, 'ledger' | 'facts' | 'factsOf' | 'commitOf' | 'logIdOf' | 'findLog'>,
  ) {}

  /** A fact whose event was just stored, so that it is not read back. */
  know(fact: Fact): void {
    this.facts.set(fact.event, fact);
    if (this.facts.size <= MOST_FACTS) return;
    for (const oldest of this.facts.keys()) {
      this.facts.delete(oldest);
      break;
    }
  }

  /** Writes what has changed of accounts, as part of the caller's transaction. */
  flush(): void {
    for (const account of this.changed) {
      const { newest } = account;
      const id = newest instanceof StoredKept ? newest.id : newest;
      this.tables.ledger.saveAccount({ ...account, newest: id ?? null });
      account.changed = false;
    }
    this.changed = [];
    if (this.accounts.size > MOST_ACCOUNTS) this.accounts.clear();
  }

  /** After a transaction that failed. */
  reload(): void {
    this.accounts.clear();
    this.facts.clear();
    this.changed = [];
  }

  newest = (account: string): StoredKept | undefined => {
    const known = this.find(account);
    if (known === undefined) return undefined;
    if (typeof known.newest === 'number') known.newest = this.kept(known.newest, account);
    return known.newest;
  };

  before = ({ earlier, claim }: StoredKept): StoredKept | undefined =>
    earlier === undefined ? undefined : this.kept(earlier, claim.account);

  since = (last: StoredKept, at: number): StoredKept[] =>
    this.withFacts(this.tables.ledger.chainSince(last.id, at), last.claim.account);

  insert = (
    { claim, judgement }: Kept,
    after: StoredKept | undefined,
    next: StoredKept | undefined,
  ): StoredKept => {
    const account = this.change(claim.account);
    const { event, place, said } = claim;
    const id = this.tables.ledger.addClaim({
      ...{
        account: account.id,
        event,
        part: place.part,
        at: place.at,
        log: this.logKey(place.log),
        seq: place.seq,
      },
      ...{ before: after?.id ?? null, ...columnsOf(judgement) },
    });
    const known = { account: claim.account, event, place };
    const kept = new StoredKept(
      id,
      known,
      judgement,
      after?.id,
      () => saidIn(this.fact(event), place.part),
      said,
    );
    account.standing += netOf(said.kind, judgement.minutes);
    if (next === undefined) account.newest = kept;
    else this.relink(next, account, kept.id);
    return kept;
  };

  remove = (kept: StoredKept, next: StoredKept | undefined): void => {
    const account = this.change(kept.claim.account);
    account.standing -= netOf(kept.claim.said.kind, kept.judgement.minutes);
    this.tables.ledger.removeClaim(kept.id);
    if (next === undefined) account.newest = kept.earlier;
    else this.relink(next, account, kept.earlier);
  };

  rejudge = (kept: StoredKept, judgement: Judgement): void => {
    const { account: name, said } = kept.claim;
    const account = this.change(name);
    account.standing += netOf(said.kind, judgement.minutes) - netOf(said.kind, kept.judgement.minutes);
    kept.judgement = judgement;
    this.sync(account, kept.id, (newest) => (newest.judgement = judgement));
    this.tables.ledger.judgeClaim({ id: kept.id, ...columnsOf(judgement) });
  };

  standing = (account: string): number => this.find(account)?.standing ?? 0;
  balance = (account: string): number => this.find(account)?.balance ?? 0;

  post = ({ event, debit, credit, minutes, rules, catalogue, reverses }: Entry): void => {
    const [from, to] = [this.change(debit), this.change(credit)];
    from.balance -= minutes;
    to.balance += minutes;
    const row = { event, minutes, rules, catalogue, reverses: Number(reverses) };
    this.tables.ledger.addEntry({ ...row, debit: from.id, credit: to.id });
  };

  mention = (name: string, event: number): void => {
    this.tables.ledger.addName(name, event);
  };
  mentions = (name: string): readonly number[] => this.tables.ledger.eventsNaming(name);

  fact = (event: number): Fact => {
    let fact = this.facts.get(event);
    if (fact === undefined) {
      [fact] = this.read(event, event);
      if (fact === undefined) throw new RangeError(`event ${event} says nothing to the ledger`);
      this.know(fact);
    }
    return fact;
  };

  /** What the events of a range say, in order; nothing where they say nothing to the ledger. */
  *read(first: number, last: number): Iterable<Fact | undefined> {
    for (const row of this.tables.facts(first, last)) yield this.factIn(row);
  }

  private factIn(row: FactRow): Fact | undefined {
    return readFact(row, this.logId(row.log), () => this.recorded(row));
  }

  private recorded({ seq, time }: FactRow): number {
    const { commit } = this;
    if (commit === undefined || seq < commit.first || seq > commit.last)
      this.commit = this.tables.commitOf(seq);
    return this.commit?.recorded ?? time.latest;
  }

  bind = ({ band, account, hasKey, action }: Binding, event: number): void => {
    this.tables.ledger.addBinding({ event, band, account: account ?? null, has_key: Number(hasKey), action });
  };

  bindingsOf = (name: string): Binding[] =>
    this.tables.ledger.bindingsOfBand(name).map(({ event, band, account, has_key: hasKey, action }) => ({
      ...{ band, place: this.fact(event).place, account: account ?? undefined },
      ...{ hasKey: hasKey !== 0, action },
    }));

  keyedBands = (account: string): readonly string[] => this.tables.ledger.keyedBandsOf(account);

  /** The claims of an account with what they say, the newest first: read by the page, for who wants many of them. */
  *timeline(name: string): Iterable<StoredKept> {
    const newest = this.newest(name);
    for (let id = newest?.id; id !== undefined;) {
      const rows = this.tables.ledger.chain(id, PAGE);
      yield* this.withFacts(rows, name);
      id = rows.at(-1)?.before ?? undefined;
    }
  }

  private withFacts(rows: readonly ClaimRow[], account: string): StoredKept[] {
    const facts = new Map<number, Fact>();
    for (const row of this.tables.factsOf(rows.map(({ event }) => event))) {
      const fact = this.factIn(row);
      if (fact !== undefined) facts.set(row.seq, fact);
    }
    return rows.map((row) =>
      this.keptOf(row, account, () => {
        const fact = facts.get(row.event);
        if (fact === undefined) throw new RangeError(`event ${row.event} says nothing to the ledger`);
        return saidIn(fact, row.part);
      }),
    );
  }

  private relink(next: StoredKept, account: Account, earlier: number | undefined): void {
    next.earlier = earlier;
    this.sync(account, next.id, (newest) => (newest.earlier = earlier));
    this.tables.ledger.moveClaim(next.id, earlier ?? null);
  }

  /** The newest claim of an account is kept in memory, and may be another copy of one that was read. */
  private sync({ newest }: Account, id: number, update: (newest: StoredKept) => void): void {
    if (newest instanceof StoredKept && newest.id === id) update(newest);
  }

  private find(name: string): Account | undefined {
    let known = this.accounts.get(name);
    if (known === undefined) {
      const row = this.tables.ledger.account(name);
      if (row === undefined) return undefined;
      known = { ...row, newest: row.newest ?? undefined, changed: false };
      this.accounts.set(name, known);
    }
    return known;
  }

  private change(name: string): Account {
    let known = this.find(name);
    if (known === undefined) {
      known = { ...this.tables.ledger.addAccount(name), newest: undefined, changed: false };
      this.accounts.set(name, known);
    }
    if (!known.changed) this.changed.push(known);
    known.changed = true;
    return known;
  }

  private kept(id: number, account: string): StoredKept {
    const row = this.tables.ledger.claim(id);
    if (row === undefined) throw new RangeError(`no claim ${id} of ${account}`);
    return this.keptOf(row, account, () => saidIn(this.fact(row.event), row.part));
  }

  private keptOf(row: ClaimRow, account: string, readSaid: () => Said): StoredKept {
    const known = { account, event: row.event, place: this.placeOf(row) };
    return new StoredKept(row.id, known, judgementOf(row), row.before ?? undefined, readSaid);
  }

  private placeOf({ at, log, seq, part }: ClaimRow): Place {
    return { at, log: toHex(this.logId(log)), seq, part };
  }

  private logId(log: number): Uint8Array {
    let id = this.logs.get(log);
    if (id === undefined) {
      id = this.tables.logIdOf(log);
      if (id === undefined) throw new RangeError(`no log ${log}`);
      this.logs.set(log, id);
    }
    return id;
  }

  private logKey(name: string): number {
    let key = this.logKeys.get(name);
    if (key === undefined) {
      key = this.tables.findLog(Buffer.from(name, 'hex'))?.key;
      if (key === undefined) throw new RangeError(`no log ${name}`);
      this.logKeys.set(name, key);
    }
    return key;
  }
}

/** What a record claims does not depend on whose it is. */
const ANYBODY = { accountOf: () => '-', holderOf: () => '-', attendersOf: () => ['-'] };

function saidIn(fact: Fact, part: number): Said {
  const found = claimsOf(fact, ANYBODY).find(({ place }) => place.part === part);
  if (found === undefined) throw new RangeError(`event ${fact.event} claims no part ${part}`);
  return found.said;
}

function columnsOf({ outcome, minutes, exact }: Judgement) {
  return { outcome: OUTCOME[outcome], minutes, exact: exact ?? null };
}

function judgementOf({ outcome, minutes, exact }: ClaimRow): Judgement {
  const name = NAMES.get(outcome);
  if (name === undefined) throw new RangeError(`an outcome ${outcome} that nobody knows`);
  return exact === null ? { outcome: name, minutes } : { outcome: name, minutes, exact };
}
