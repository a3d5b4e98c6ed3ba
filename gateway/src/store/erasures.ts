/** Records whose bytes were replaced by ones that name nobody, and what people approved of that. */
import type { Sqlite } from './database.js';

export interface ErasureRow {
  readonly id: number;
  /** Unix seconds. */
  readonly at: number;
  /** The action and its approvals. */
  readonly body: Uint8Array;
}

export interface ErasedRow {
  readonly erasure: number;
  readonly log: number;
  readonly seq: number;
  /** SHA-256 of the bytes that went. */
  readonly digest: Uint8Array;
  /** Of their event; null where there is none. */
  readonly eventHash: Uint8Array | null;
  /** SHA-256 of the bytes that came. */
  readonly substitute: Uint8Array;
}

/** A record that is there. */
export interface NamedRecord {
  readonly log: number;
  readonly seq: number;
  readonly logId: Uint8Array;
  readonly bytes: Uint8Array;
  /** Position of its event. */
  readonly event: number | null;
}

export class ErasureTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(private readonly db: Sqlite) {
    this.statements = prepare(db);
  }

  all(): readonly ErasureRow[] {
    return this.statements.all.all();
  }

  /** Of one erasure, in the order of log ids and numbers; with the bytes that are there now. */
  rows(erasure: number): readonly (ErasedRow & { readonly logId: Uint8Array; readonly bytes: Uint8Array })[] {
    return this.statements.rows.all(erasure);
  }

  /** How many rows belong to no erasure. */
  get strays(): number {
    return this.statements.strays.get()?.n ?? 0;
  }

  /** The last erasure that replaced a record. */
  newestOf(log: number, seq: number): number | undefined {
    return this.statements.newestOf.get(log, seq)?.erasure ?? undefined;
  }

  /** Records with these bytes in them, in the order of log ids and numbers. Goes through all there are. */
  recordsWith(needle: Uint8Array): readonly NamedRecord[] {
    return this.statements.recordsWith.all(needle);
  }

  /** @returns its number */
  add(at: number, body: Uint8Array): number {
    return Number(this.statements.add.run(at, body).lastInsertRowid);
  }

  /** Puts other bytes in the place of a record's. */
  replace({ erasure, log, seq, digest, eventHash, substitute }: ErasedRow, bytes: Uint8Array): void {
    this.statements.addRow.run(erasure, log, seq, digest, eventHash, substitute);
    this.statements.replace.run(bytes, log, seq);
  }

  /** An account of the ledger, and what is named after it, goes by another name. */
  rename(account: string, pseudonym: string): void {
    this.statements.renameAccount.run(pseudonym, account);
    this.statements.renameAccount.run(`held/${pseudonym}`, `held/${account}`);
    this.statements.renameBinding.run(pseudonym, account);
  }

  /** The same action, under the hash of other bytes; both in hexadecimal. */
  renameAction(before: string, after: string): void {
    this.statements.renameName.run(`action/${after}`, `action/${before}`);
    this.statements.renameBindingAction.run(after, before);
  }

  forgetQuarantined(needle: Uint8Array): void {
    this.statements.forgetQuarantined.run(needle);
  }

  /** What is deleted or replaced from now on is written over, also in what the file keeps for later. */
  wipeFreed(): void {
    this.db.pragma('secure_delete = ON');
  }

  /** Nothing of before is left in the write-ahead log. */
  settle(): void {
    this.db.pragma('wal_checkpoint(TRUNCATE)');
  }
}

function prepare(db: Sqlite) {
  return {
    all: db.prepare<[], ErasureRow>('SELECT id, at, body FROM erasure ORDER BY id'),
    rows: db.prepare<[number], ErasedRow & { logId: Uint8Array; bytes: Uint8Array }>(
      `SELECT e.erasure, e.log, e.seq, e.digest, e.event_hash AS eventHash, e.substitute, l.log_id AS logId, r.bytes
         FROM erased e JOIN log l ON l.id = e.log JOIN record r ON r.log = e.log AND r.seq = e.seq
        WHERE e.erasure = ? ORDER BY l.log_id, e.seq`,
    ),
    strays: db.prepare<[], { n: number }>(
      'SELECT count(*) AS n FROM erased WHERE erasure NOT IN (SELECT id FROM erasure)',
    ),
    newestOf: db.prepare<[number, number], { erasure: number | null }>(
      'SELECT max(erasure) AS erasure FROM erased WHERE log = ? AND seq = ?',
    ),
    recordsWith: db.prepare<[Uint8Array], NamedRecord>(
      `SELECT r.log, r.seq, l.log_id AS logId, r.bytes, e.seq AS event
         FROM record r JOIN log l ON l.id = r.log
         LEFT JOIN event e ON e.log = r.log AND e.log_seq = r.seq
        WHERE instr(r.bytes, ?) > 0 ORDER BY l.log_id, r.seq`,
    ),
    add: db.prepare<[number, Uint8Array]>('INSERT INTO erasure (at, body) VALUES (?, ?)'),
    addRow: db.prepare<[number, number, number, Uint8Array, Uint8Array | null, Uint8Array]>(
      'INSERT INTO erased (erasure, log, seq, digest, event_hash, substitute) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    replace: db.prepare<[Uint8Array, number, number]>(
      'UPDATE record SET bytes = ? WHERE log = ? AND seq = ?',
    ),
    renameAccount: db.prepare<[string, string]>('UPDATE ledger_account SET name = ? WHERE name = ?'),
    renameBinding: db.prepare<[string, string]>('UPDATE ledger_binding SET account = ? WHERE account = ?'),
    renameName: db.prepare<[string, string]>('UPDATE OR REPLACE ledger_name SET name = ? WHERE name = ?'),
    renameBindingAction: db.prepare<[string, string]>(
      'UPDATE ledger_binding SET action = ? WHERE action = ?',
    ),
    forgetQuarantined: db.prepare<[Uint8Array]>('DELETE FROM quarantine WHERE instr(bytes, ?) > 0'),
  };
}
