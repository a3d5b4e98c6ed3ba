/** Everything that is stored, in pages, for who accounts for all of it. */
import type { Sqlite } from './database.js';

/** A log as it stands, with what proves it. */
export interface AuditedLog {
  readonly key: number;
  readonly logId: Uint8Array;
  readonly device: string;
  readonly epoch: number;
  readonly base: number;
  readonly head: number;
  readonly hash: Uint8Array;
  readonly certificate: Uint8Array;
  readonly vouched: boolean;
}

export interface AuditedRecord {
  readonly seq: number;
  /** Row of its seal. */
  readonly seal: number;
  readonly previous: Uint8Array;
  readonly bytes: Uint8Array;
  /** SHA-256 of what stood there, where the bytes are a substitute. */
  readonly digest: Uint8Array | null;
}

export interface AuditedSeal {
  readonly sealId: Uint8Array;
  readonly log: number;
  readonly bytes: Uint8Array;
}

/** An event whose record is not there. */
export interface DanglingEvent {
  readonly seq: number;
  readonly log: number;
  readonly logSeq: number;
}

export interface Range {
  readonly first: number;
  readonly last: number;
}

export class AuditTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(private readonly db: Sqlite) {
    this.statements = prepare(db);
  }

  /** All logs, by their keys. */
  logs(): readonly AuditedLog[] {
    return this.statements.logs.all().map((row) => ({ ...row, vouched: row.vouched !== 0 }));
  }

  /** Records of a log after `after`, up to `last`. */
  records(log: number, after: number, last: number, limit: number): readonly AuditedRecord[] {
    return this.statements.records.all(log, after, last, limit);
  }

  seal(key: number): AuditedSeal | undefined {
    return this.statements.seal.get(key);
  }

  /** First positions and last of the commits after a position. */
  commitsAfter(first: number, limit: number): readonly Range[] {
    return this.statements.commitsAfter.all(first, limit);
  }

  danglingEvents(first: number, last: number): readonly DanglingEvent[] {
    return this.statements.dangling.all(first, last);
  }

  /** How many records of a range are stored and withheld. */
  withheld(log: number, { first, last }: Range): number {
    return this.statements.withheld.get(log, first, last)?.n ?? 0;
  }

  /** Ranges of a log that its device had lost. */
  lost(log: number): readonly Range[] {
    return this.statements.lost.all(log);
  }

  /** Where an act has counted; `event` is null where an earlier version did not note it. */
  act(act: Uint8Array): { readonly log: number; readonly event: number | null } | undefined {
    return this.statements.act.get(act);
  }

  /** How far subscribers are, the furthest first. */
  cursorsBeyond(
    position: number,
  ): readonly { readonly account: string; readonly client: string; readonly seq: number }[] {
    return this.statements.cursors.all(position);
  }

  /** Certificates of all keys that ever signed commits here, by key id. */
  signers(): readonly { readonly kid: Uint8Array; readonly certificate: Uint8Array }[] {
    return this.statements.signers.all();
  }

  /** What SQLite finds wrong with the file: pages, order, indices against their tables. Takes a minute for millions of records. */
  damage(): readonly string[] {
    const found = this.db.pragma('integrity_check(20)') as readonly { readonly integrity_check: string }[];
    return found.map(({ integrity_check }) => integrity_check).filter((says) => says !== 'ok');
  }

  /** Newest signed heads, one an epoch. */
  treeHeads(): readonly { readonly epoch: number; readonly bytes: Uint8Array }[] {
    return this.statements.treeHeads.all();
  }
}

function prepare(db: Sqlite) {
  return {
    logs: db.prepare<[], Omit<AuditedLog, 'vouched'> & { vouched: number }>(
      'SELECT id AS key, log_id AS logId, device, epoch, base, head, hash, certificate, vouched FROM log ORDER BY id',
    ),
    records: db.prepare<[number, number, number, number], AuditedRecord>(
      `SELECT r.seq, r.seal, r.previous, r.bytes,
              (SELECT x.digest FROM erased x WHERE x.log = r.log AND x.seq = r.seq ORDER BY x.erasure LIMIT 1) AS digest
         FROM record r WHERE r.log = ? AND r.seq > ? AND r.seq <= ? ORDER BY r.seq LIMIT ?`,
    ),
    seal: db.prepare<[number], AuditedSeal>('SELECT seal_id AS sealId, log, bytes FROM seal WHERE id = ?'),
    commitsAfter: db.prepare<[number, number], Range>(
      'SELECT first, last FROM commit_signature WHERE first > ? ORDER BY first LIMIT ?',
    ),
    dangling: db.prepare<[number, number], DanglingEvent>(
      `SELECT e.seq, e.log, e.log_seq AS logSeq FROM event e
         LEFT JOIN record r ON r.log = e.log AND r.seq = e.log_seq
         LEFT JOIN seal s ON s.id = r.seal
         LEFT JOIN log l ON l.id = e.log
        WHERE e.seq BETWEEN ? AND ? AND (s.id IS NULL OR l.id IS NULL) ORDER BY e.seq`,
    ),
    withheld: db.prepare<[number, number, number], { n: number }>(
      'SELECT count(*) AS n FROM withheld WHERE log = ? AND seq BETWEEN ? AND ?',
    ),
    lost: db.prepare<[number], Range>('SELECT first, last FROM lost WHERE log = ? ORDER BY first'),
    act: db.prepare<[Uint8Array], { log: number; event: number | null }>(
      'SELECT log, event FROM act WHERE act = ?',
    ),
    cursors: db.prepare<[number], { account: string; client: string; seq: number }>(
      'SELECT account, client_id AS client, seq FROM cursor WHERE seq > ? ORDER BY seq DESC LIMIT 100',
    ),
    signers: db.prepare<[], { kid: Uint8Array; certificate: Uint8Array }>(
      'SELECT kid, certificate FROM signer',
    ),
    treeHeads: db.prepare<[], { epoch: number; bytes: Uint8Array }>('SELECT epoch, bytes FROM tree_head'),
  };
}
