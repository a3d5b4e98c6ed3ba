/**
 * Epochs of the event log, and the certificates under which it was signed (SPEC.md, Event). Events have a position that
 * grows over all epochs, by which the store and subscribers' cursors go; their number in the epoch follows from it.
 */
import type { EventHead } from '@timeband/protocol';
import type { Sqlite } from './database.js';

export interface EpochRow {
  readonly epoch: number;
  /** Position of the last event before it. */
  readonly base: number;
  /** The newest event that is known of what was published and is not here; absent in a first epoch. */
  readonly newest?: EventHead | undefined;
}

/** Where an event stands within its epoch. */
export type EventNumber = Pick<EventHead, 'epoch' | 'seq'>;

export class EpochTable {
  private readonly statements: ReturnType<typeof prepare>;
  private rows: readonly EpochRow[];

  constructor(db: Sqlite) {
    this.statements = prepare(db);
    this.rows = this.load();
  }

  /** In their order. */
  get all(): readonly EpochRow[] {
    return this.rows;
  }

  /** The one that is being written. */
  get current(): EpochRow {
    return this.epochAt(Infinity);
  }

  /** The epoch of an event. */
  epochAt(position: number): EpochRow {
    const found = this.rows.findLast(({ base }) => base < position) ?? this.rows[0];
    if (found === undefined) throw new RangeError('an event log without an epoch');
    return found;
  }

  /** The number that an event bears. */
  numberOf(position: number): EventNumber {
    const { epoch, base } = this.epochAt(position);
    return { epoch, seq: position - base };
  }

  /** The position of an event that bears this number, or nothing where its epoch has no such event. */
  positionOf({ epoch, seq }: EventNumber): number | undefined {
    const index = this.rows.findIndex((row) => row.epoch === epoch);
    const position = (this.rows[index]?.base ?? Infinity) + seq;
    return position <= (this.rows[index + 1]?.base ?? Number.MAX_SAFE_INTEGER) ? position : undefined;
  }

  /** Begins the next epoch. */
  open({ epoch, base, newest }: EpochRow): void {
    if (epoch <= this.current.epoch) throw new RangeError(`epoch ${epoch} would not follow the one before`);
    this.statements.open.run(epoch, base, newest?.epoch ?? null, newest?.seq ?? null, newest?.hash ?? null);
    this.rows = this.load();
  }

  /** Keeps the certificate that commits are signed under. */
  keepSigner(kid: Uint8Array, certificate: Uint8Array): void {
    this.statements.keepSigner.run(kid, certificate);
  }

  /** All certificates under which commits were ever signed here: of each key, and of each renewal. */
  signers(): readonly Uint8Array[] {
    return this.statements.signers.all().map(({ certificate }) => certificate);
  }

  private load(): readonly EpochRow[] {
    return this.statements.all.all().map(({ epoch, base, newest_epoch, newest_seq, newest_hash }) => ({
      ...{ epoch, base },
      newest:
        newest_epoch === null || newest_seq === null || newest_hash === null
          ? undefined
          : { epoch: newest_epoch, seq: newest_seq, hash: newest_hash },
    }));
  }
}

interface EpochColumns {
  epoch: number;
  base: number;
  newest_epoch: number | null;
  newest_seq: number | null;
  newest_hash: Uint8Array | null;
}

function prepare(db: Sqlite) {
  return {
    all: db.prepare<[], EpochColumns>('SELECT * FROM epoch ORDER BY epoch'),
    open: db.prepare<[number, number, number | null, number | null, Uint8Array | null]>(
      'INSERT INTO epoch VALUES (?, ?, ?, ?, ?)',
    ),
    // At every start, which a full disk is no reason to fail: it writes only what is new.
    keepSigner: db.prepare<[Uint8Array, Uint8Array]>('INSERT OR IGNORE INTO signer VALUES (?, ?)'),
    signers: db.prepare<[], { certificate: Uint8Array }>('SELECT certificate FROM signer'),
  };
}
