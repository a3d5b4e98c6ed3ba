/** The policy in force, as it was signed, and how far its numbers have come. */
import type { PolicyMark, PolicyType } from '@timeband/protocol';
import type { Sqlite } from './database.js';

export interface PolicyRow extends PolicyMark {
  readonly bytes: Uint8Array;
}

export class PolicyTable {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  all(): PolicyRow[] {
    return this.statements.all.all();
  }

  /** Is on disk when this returns. */
  put({ signer, type, number, digest, bytes }: PolicyRow): void {
    this.statements.put.run(signer, type, number, digest, bytes);
  }
}

function prepare(db: Sqlite) {
  return {
    all: db.prepare<[], PolicyRow>('SELECT signer, type, number, digest, bytes FROM policy'),
    put: db.prepare<[Uint8Array, PolicyType, number, Uint8Array, Uint8Array]>(
      'INSERT OR REPLACE INTO policy (signer, type, number, digest, bytes) VALUES (?, ?, ?, ?, ?)',
    ),
  };
}
