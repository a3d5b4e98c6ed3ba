/** Where a record stands between its device's signature and the records around it, for proofs of single records. */
import { sha256 } from '@timeband/protocol';
import type { Sqlite } from './database.js';

/** A stored record, and what shows that its device sealed it. */
export interface SealedRow {
  readonly previous: Uint8Array;
  readonly bytes: Uint8Array;
  /** COSE bytes of the seal that covers it. */
  readonly seal: Uint8Array;
  /** The device's, as it came with the log. */
  readonly certificate: Uint8Array;
  /** SHA-256 of each record after it that the same seal covers, in order. */
  readonly later: readonly Uint8Array[];
}

export class ProofTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  /** A record of a device, of its newest log that has one of this number, or of the log of an epoch. */
  find(device: string, seq: number, epoch?: number): SealedRow | undefined {
    const found = this.statements.record.get({ device, seq, epoch: epoch ?? null });
    if (found === undefined) return undefined;
    const { log, sealed, ...row } = found;
    return {
      ...row,
      later: this.statements.later.all(log, seq, sealed).map(({ bytes, digest }) => digest ?? sha256(bytes)),
    };
  }
}

interface RecordColumns extends Omit<SealedRow, 'later'> {
  log: number;
  sealed: number;
}

function prepare(db: Sqlite) {
  return {
    record: db.prepare<{ device: string; seq: number; epoch: number | null }, RecordColumns>(
      `SELECT l.id AS log, r.seal AS sealed, r.previous, r.bytes, s.bytes AS seal, l.certificate
         FROM log l
         JOIN record r ON r.log = l.id AND r.seq = @seq
         JOIN seal s ON s.id = r.seal
        WHERE l.device = @device AND (@epoch IS NULL OR l.epoch = @epoch)
          AND NOT EXISTS (SELECT 1 FROM erased x WHERE x.log = r.log AND x.seq = r.seq)
        ORDER BY l.id DESC LIMIT 1`,
    ),
    later: db.prepare<[number, number, number], { bytes: Uint8Array; digest: Uint8Array | null }>(
      `SELECT r.bytes,
              (SELECT x.digest FROM erased x WHERE x.log = r.log AND x.seq = r.seq ORDER BY x.erasure LIMIT 1) AS digest
         FROM record r WHERE r.log = ? AND r.seq > ? AND r.seal = ? ORDER BY r.seq`,
    ),
  };
}
