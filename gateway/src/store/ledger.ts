/** What is kept of the ledger: accounts, claims in their timelines, the journal, and what it goes by. */
import type { Sqlite } from './database.js';

export interface LedgerAccountRow {
  readonly id: number;
  readonly name: string;
  /** Whole minutes, as are all. */
  readonly balance: number;
  readonly standing: number;
  readonly newest: number | null;
}

export interface LedgerClaimRow {
  readonly id: number;
  readonly account: number;
  readonly event: number;
  readonly part: number;
  readonly at: number;
  readonly log: number;
  readonly seq: number;
  readonly before: number | null;
  readonly outcome: number;
  readonly minutes: number;
  readonly exact: number | null;
}

/** One of a timeline: whose it is was asked. As arrays they are read in half the time. */
export type LedgerClaimColumns = [
  id: number,
  event: number,
  part: number,
  at: number,
  log: number,
  seq: number,
  before: number | null,
  outcome: number,
  minutes: number,
  exact: number | null,
];

export interface LedgerEntryRow {
  readonly event: number;
  /** Accounts by their numbers. */
  readonly debit: number;
  readonly credit: number;
  readonly minutes: number;
  readonly rules: number;
  readonly catalogue: number;
  readonly reverses: number;
}

export interface LedgerBindingRow {
  readonly event: number;
  readonly band: string;
  readonly account: string | null;
  readonly has_key: number;
  readonly action: string;
}

export interface LedgerPolicyRow {
  readonly type: string;
  readonly after: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface LedgerSums {
  readonly accounts: number;
  readonly deposited: number;
  readonly held: number;
  readonly services: number;
  readonly corrections: number;
}

export class LedgerTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(private readonly db: Sqlite) {
    this.statements = prepare(db);
  }

  /** Position of the last event that is in the ledger. */
  get progress(): number {
    return this.statements.progress.get()?.event ?? 0;
  }

  setProgress(event: number): void {
    this.statements.setProgress.run(event);
  }

  /** IANA zone by whose days it goes; nothing before the first. */
  get timeZone(): string | undefined {
    return this.statements.timeZone.get()?.time_zone ?? undefined;
  }

  setTimeZone(zone: string): void {
    this.statements.setTimeZone.run(zone);
  }

  account(name: string): LedgerAccountRow | undefined {
    return this.statements.account.get(name);
  }

  addAccount(name: string): LedgerAccountRow {
    const { lastInsertRowid } = this.statements.addAccount.run(name);
    return { id: Number(lastInsertRowid), name, balance: 0, standing: 0, newest: null };
  }

  saveAccount({ id, balance, standing, newest }: Omit<LedgerAccountRow, 'name'>): void {
    this.statements.saveAccount.run(balance, standing, newest, id);
  }

  accountName(id: number): string | undefined {
    return this.statements.accountName.get(id)?.name;
  }

  /** By name. */
  accounts(after: string, limit: number): LedgerAccountRow[] {
    return this.statements.accounts.all(after, limit);
  }

  /** By name: those of people and organisations, or those of the ledger's own; only those whose name has `part` in it. */
  findAccounts(kind: 'people' | 'own', part: string, after: string, limit: number): LedgerAccountRow[] {
    return this.statements.findAccounts.all(kind === 'own' ? 1 : 0, part, after, limit);
  }

  /** Sums of balances: of people and organisations, of what they have promised, of services, of corrections. */
  sums(): LedgerSums {
    const row = this.statements.sums.get();
    return row ?? { accounts: 0, deposited: 0, held: 0, services: 0, corrections: 0 };
  }

  /** Bands that were ever bound to an account, and whose each was at which event. */
  bindingsOf(account: string): LedgerBindingRow[] {
    return this.statements.bindingsOf.all(account);
  }

  claim(id: number): LedgerClaimRow | undefined {
    return this.statements.claim.get(id);
  }

  /** A claim and those before it in its account, the newest first. */
  chain(newest: number, limit: number): Omit<LedgerClaimRow, 'account'>[] {
    return this.statements.chain.all(newest, limit - 1).map(claimRowOf);
  }

  /** A claim and those before it in its account, the newest first, down to the first that is older than a moment, Unix seconds. */
  chainSince(newest: number, at: number): Omit<LedgerClaimRow, 'account'>[] {
    return this.statements.chainSince.all(newest, at).map(claimRowOf);
  }

  addClaim(row: Omit<LedgerClaimRow, 'id'>): number {
    const { account, event, part, at, log, seq, before, outcome, minutes, exact } = row;
    const values = [account, event, part, at, log, seq, before, outcome, minutes, exact];
    return Number(this.statements.addClaim.run(...values).lastInsertRowid);
  }

  moveClaim(id: number, before: number | null): void {
    this.statements.moveClaim.run(before, id);
  }

  judgeClaim({
    id,
    outcome,
    minutes,
    exact,
  }: Pick<LedgerClaimRow, 'id' | 'outcome' | 'minutes' | 'exact'>): void {
    this.statements.judgeClaim.run(outcome, minutes, exact, id);
  }

  removeClaim(id: number): void {
    this.statements.removeClaim.run(id);
  }

  addEntry({ event, debit, credit, minutes, rules, catalogue, reverses }: LedgerEntryRow): void {
    this.statements.addEntry.run(event, debit, credit, minutes, rules, catalogue, reverses);
  }

  /** Number of the newest entry of the journal. */
  get newestEntry(): number {
    return this.statements.newestEntry.get()?.id ?? 0;
  }

  /** In the order in which they were written. */
  entries(after: number, limit: number): (LedgerEntryRow & { readonly id: number })[] {
    return this.statements.entries.all(after, limit);
  }

  addName(name: string, event: number): void {
    this.statements.addName.run(name, event);
  }

  eventsNaming(name: string): number[] {
    return this.statements.eventsNaming.all(name).map(({ event }) => event);
  }

  addBinding({ event, band, account, has_key, action }: LedgerBindingRow): void {
    this.statements.addBinding.run(event, band, account, has_key, action);
  }

  /** In the order in which they became known. */
  bindingsOfBand(band: string): LedgerBindingRow[] {
    return this.statements.bindingsOfBand.all(band);
  }

  /** Bands with keys that were ever bound to an account. */
  keyedBandsOf(account: string): string[] {
    return this.statements.keyedBandsOf.all(account).map(({ band }) => band);
  }

  addPolicy({ type, after, number, bytes }: LedgerPolicyRow): void {
    this.statements.addPolicy.run(type, after, number, bytes);
  }

  /** In the order in which they came into force. */
  policies(): LedgerPolicyRow[] {
    return this.statements.policies.all();
  }

  /** Forgets everything that follows from records and policy, to derive it again. */
  clear(): void {
    for (const statement of this.statements.clear) statement.run();
    this.setProgress(0);
  }
}

function claimRowOf(columns: LedgerClaimColumns): Omit<LedgerClaimRow, 'account'> {
  const [id, event, part, at, log, seq, before, outcome, minutes, exact] = columns;
  return { id, event, part, at, log, seq, before, outcome, minutes, exact };
}

/** @param goesOn of claim `c`, the `n`th, counted from 0 */
function prepareChain(db: Sqlite, goesOn: string) {
  return db
    .prepare<[number, number], LedgerClaimColumns>(
      `WITH RECURSIVE link (id, n) AS (
         SELECT ?, 0
         UNION ALL
         SELECT c.before, n + 1 FROM link JOIN ledger_claim c ON c.id = link.id WHERE c.before IS NOT NULL AND ${goesOn}
       )
       SELECT c.id, c.event, c.part, c.at, c.log, c.seq, c.before, c.outcome, c.minutes, c.exact
           FROM link JOIN ledger_claim c ON c.id = link.id ORDER BY n`,
    )
    .raw();
}

function prepare(db: Sqlite) {
  type Value = number | null;
  return {
    progress: db.prepare<[], { event: number }>('SELECT event FROM ledger_progress'),
    setProgress: db.prepare<[number]>('UPDATE ledger_progress SET event = ?'),
    timeZone: db.prepare<[], { time_zone: string | null }>('SELECT time_zone FROM ledger_progress'),
    setTimeZone: db.prepare<[string]>('UPDATE ledger_progress SET time_zone = ?'),
    account: db.prepare<[string], LedgerAccountRow>('SELECT * FROM ledger_account WHERE name = ?'),
    addAccount: db.prepare<[string]>(
      'INSERT INTO ledger_account (name, balance, standing, newest) VALUES (?, 0, 0, NULL)',
    ),
    saveAccount: db.prepare<[number, number, Value, number]>(
      'UPDATE ledger_account SET balance = ?, standing = ?, newest = ? WHERE id = ?',
    ),
    accountName: db.prepare<[number], { name: string }>('SELECT name FROM ledger_account WHERE id = ?'),
    accounts: db.prepare<[string, number], LedgerAccountRow>(
      'SELECT * FROM ledger_account WHERE name > ? ORDER BY name LIMIT ?',
    ),
    findAccounts: db.prepare<[number, string, string, number], LedgerAccountRow>(
      `SELECT * FROM ledger_account WHERE (instr(name, '/') > 0) = ? AND instr(name, ?) > 0 AND name > ?
        ORDER BY name LIMIT ?`,
    ),
    sums: db.prepare<[], LedgerSums>(
      `SELECT total(instr(name, '/') = 0) AS accounts,
              total(balance) FILTER (WHERE instr(name, '/') = 0) AS deposited,
              total(balance) FILTER (WHERE name LIKE 'held/%') AS held,
              total(balance) FILTER (WHERE name LIKE 'service/%') AS services,
              total(balance) FILTER (WHERE name LIKE 'ledger/%') AS corrections
         FROM ledger_account`,
    ),
    bindingsOf: db.prepare<[string], LedgerBindingRow>(
      `SELECT event, band, account, has_key, action FROM ledger_binding
        WHERE band IN (SELECT band FROM ledger_binding WHERE account = ?) ORDER BY id`,
    ),
    claim: db.prepare<[number], LedgerClaimRow>('SELECT * FROM ledger_claim WHERE id = ?'),
    chain: prepareChain(db, 'n < ?'),
    chainSince: prepareChain(db, 'c.at >= ?'),
    addClaim: db.prepare<Value[]>(
      `INSERT INTO ledger_claim (account, event, part, at, log, seq, before, outcome, minutes, exact)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    moveClaim: db.prepare<[Value, number]>('UPDATE ledger_claim SET before = ? WHERE id = ?'),
    judgeClaim: db.prepare<[number, number, Value, number]>(
      'UPDATE ledger_claim SET outcome = ?, minutes = ?, exact = ? WHERE id = ?',
    ),
    removeClaim: db.prepare<[number]>('DELETE FROM ledger_claim WHERE id = ?'),
    addEntry: db.prepare<number[]>(
      `INSERT INTO ledger_entry (event, debit, credit, minutes, rules, catalogue, reverses)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    newestEntry: db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM ledger_entry'),
    entries: db.prepare<[number, number], LedgerEntryRow & { id: number }>(
      'SELECT * FROM ledger_entry WHERE id > ? ORDER BY id LIMIT ?',
    ),
    addName: db.prepare<[string, number]>('INSERT OR IGNORE INTO ledger_name VALUES (?, ?)'),
    eventsNaming: db.prepare<[string], { event: number }>(
      'SELECT event FROM ledger_name WHERE name = ? ORDER BY event',
    ),
    addBinding: db.prepare<[number, string, string | null, number, string]>(
      'INSERT INTO ledger_binding (event, band, account, has_key, action) VALUES (?, ?, ?, ?, ?)',
    ),
    bindingsOfBand: db.prepare<[string], LedgerBindingRow>(
      'SELECT event, band, account, has_key, action FROM ledger_binding WHERE band = ? ORDER BY id',
    ),
    keyedBandsOf: db.prepare<[string], { band: string }>(
      'SELECT DISTINCT band FROM ledger_binding WHERE account = ? AND has_key = 1',
    ),
    addPolicy: db.prepare<[string, number, number, Uint8Array]>(
      'INSERT OR REPLACE INTO ledger_policy VALUES (?, ?, ?, ?)',
    ),
    policies: db.prepare<[], LedgerPolicyRow>('SELECT * FROM ledger_policy ORDER BY after'),
    clear: ['account', 'claim', 'entry', 'name', 'binding'].map((table) =>
      db.prepare<[]>(`DELETE FROM ledger_${table}`),
    ),
  };
}
