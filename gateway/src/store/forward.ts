/**
 * What this gateway read for the one that counts: where each log stands, the sealed records that wait to be handed over,
 * and the acks that came back (SPEC.md, Forward). Nothing of it is in the event log.
 */
import type { Sqlite } from './database.js';
import type { StoredLog } from './rows.js';

/** A log as far as it was read here. */
export interface ForwardedLog extends StoredLog {
  readonly epoch: number;
  readonly certificate: Uint8Array;
  readonly previous: EarlierLog | undefined;
  /** The one that counts asked for records from `head + 1`, whoever has acknowledged them. */
  readonly rewound: boolean;
  /** The newest ack that came back, 0 and nothing before the first. */
  readonly acked: number;
  readonly ack: Uint8Array | undefined;
  /** Of who signed that. */
  readonly ackCertificate: Uint8Array | undefined;
  /** Why the one that counts does not take it. */
  readonly refused: string | undefined;
}

interface EarlierLog {
  readonly logId: Uint8Array;
  readonly seq: number;
  readonly head: Uint8Array;
}

export type NewForwardedLog = Pick<
  ForwardedLog,
  'logId' | 'device' | 'epoch' | 'certificate' | 'previous' | 'base' | 'hash' | 'vouched'
>;

/** Sealed records that wait. */
export interface WaitingBatch {
  /** Grows; never used again. */
  readonly number: number;
  readonly log: number;
  readonly first: number;
  readonly last: number;
  /** `h(first - 1)` */
  readonly before: Uint8Array;
  readonly oldest: number;
  readonly seal: Uint8Array;
  /** Unix seconds. */
  readonly asked: number;
  readonly answered: number;
  readonly records: readonly Uint8Array[];
}

export interface ForwardTotals {
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  /** Unix seconds, when the oldest was read. */
  readonly oldest: number | undefined;
}

/** How far somebody who counted has confirmed. */
export interface PeerCursor {
  readonly gateway: string;
  /** Number of the newest batch that it confirmed. */
  readonly cursor: number;
  readonly batches: number;
  /** Unix seconds. */
  readonly at: number;
}

/** What a row takes beside its records, roughly. */
const ROW_BYTES = 400;

export class ForwardTables {
  private readonly statements: ReturnType<typeof prepare>;
  private sums: Omit<ForwardTotals, 'oldest'> | undefined;

  constructor(private readonly db: Sqlite) {
    this.statements = prepare(db);
  }

  find(logId: Uint8Array): ForwardedLog | undefined {
    const row = this.statements.find.get(logId);
    return row && logOf(row);
  }

  get(key: number): ForwardedLog | undefined {
    const row = this.statements.get.get(key);
    return row && logOf(row);
  }

  logs(): readonly ForwardedLog[] {
    return this.statements.logs.all().map(logOf);
  }

  insert(log: NewForwardedLog): ForwardedLog {
    const { logId, device, epoch, certificate, previous, base, hash, vouched } = log;
    const earlier = [previous?.logId ?? null, previous?.seq ?? null, previous?.head ?? null] as const;
    this.statements.insert.run(
      logId,
      device,
      epoch,
      certificate,
      ...earlier,
      base,
      base,
      hash,
      Number(vouched),
    );
    const made = this.find(logId);
    if (made === undefined) throw new RangeError('a log that was inserted is not there');
    return made;
  }

  /** Reading goes on after `head`; with `rewound` also over what others have acknowledged. */
  place(key: number, head: number, hash: Uint8Array, rewound: boolean): void {
    this.statements.place.run(head, hash, Number(rewound), key);
  }

  markForked(key: number): void {
    this.statements.markForked.run(key);
  }

  /** Appends sealed records in place of what they contain, and moves their log to its new place. One transaction. */
  add(batch: Omit<WaitingBatch, 'number'>, log: Pick<StoredLog, 'head' | 'hash'>): void {
    this.db
      .transaction(() => {
        const { log: key, first, last, before, oldest, seal, asked, answered, records } = batch;
        const size = ROW_BYTES + records.reduce((sum, { length }) => sum + length + 4, 0);
        this.statements.supersede.run(key, first, last);
        this.statements.add.run(key, first, last, before, oldest, seal, asked, answered, pack(records), size);
        this.place(key, log.head, log.hash, false);
      })
      .immediate();
    this.sums = undefined;
  }

  /** Of each log the batch that comes next, the oldest first. */
  next(limit: number): readonly WaitingBatch[] {
    return this.statements.next.all(limit).map(batchOf);
  }

  /** All that waits of a log, in order. */
  waiting(key: number): readonly WaitingBatch[] {
    return this.statements.waiting.all(key).map(batchOf);
  }

  /** Who counts has everything up to `upto`. One transaction. */
  confirm(
    batch: Pick<WaitingBatch, 'number' | 'log'>,
    by: { readonly gateway: string; readonly at: number },
    ack: { readonly upto: number; readonly bytes: Uint8Array; readonly certificate: Uint8Array },
  ): void {
    this.db
      .transaction(() => {
        this.statements.remove.run(batch.log, ack.upto);
        this.statements.keepAck.run(ack.upto, ack.bytes, ack.certificate, batch.log);
        this.statements.moveCursor.run(by.gateway, batch.number, by.at);
      })
      .immediate();
    this.sums = undefined;
  }

  /** The device can be asked for no lower number any more. */
  hasFrom(key: number, oldest: number): void {
    this.statements.hasFrom.run(oldest, key);
  }

  refuse(key: number, code: string): void {
    this.statements.refuse.run(code, key);
  }

  get totals(): ForwardTotals {
    // Sums over the whole queue: made again only after it has changed.
    this.sums ??= this.statements.totals.get() ?? { batches: 0, records: 0, bytes: 0 };
    return { ...this.sums, oldest: this.statements.oldest.get()?.answered };
  }

  cursors(): readonly PeerCursor[] {
    return this.statements.cursors.all();
  }
}

interface LogColumns {
  id: number;
  log_id: Uint8Array;
  device: string;
  epoch: number;
  certificate: Uint8Array;
  previous_log: Uint8Array | null;
  previous_seq: number | null;
  previous_head: Uint8Array | null;
  base: number;
  head: number;
  hash: Uint8Array;
  vouched: number;
  rewound: number;
  forked: number;
  acked: number;
  ack: Uint8Array | null;
  ack_certificate: Uint8Array | null;
  refused: string | null;
}

type BatchColumns = Omit<WaitingBatch, 'records'> & { records: Uint8Array };

function logOf(row: LogColumns): ForwardedLog {
  const { previous_log: logId, previous_seq: seq, previous_head: head } = row;
  return {
    key: row.id,
    logId: row.log_id,
    device: row.device,
    epoch: row.epoch,
    certificate: row.certificate,
    previous: logId === null || seq === null || head === null ? undefined : { logId, seq, head },
    base: row.base,
    head: row.head,
    hash: row.hash,
    timeFloor: undefined,
    vouched: row.vouched !== 0,
    rewound: row.rewound !== 0,
    forked: row.forked !== 0,
    acked: row.acked,
    ack: row.ack ?? undefined,
    ackCertificate: row.ack_certificate ?? undefined,
    refused: row.refused ?? undefined,
  };
}

function batchOf({ records, ...row }: BatchColumns): WaitingBatch {
  return { ...row, records: unpack(records) };
}

/** Each with its length before it, in two bytes: no record is longer (SPEC.md, Limits). */
function pack(records: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    records.flatMap((record) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(record.length);
      return [length, record];
    }),
  );
}

function unpack(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 2 <= bytes.length;) {
    const end = at + 2 + view.getUint16(at);
    records.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return records;
}

function prepare(db: Sqlite) {
  type Bytes = Uint8Array;
  const batch = 'id AS number, log, first, last, before, oldest, seal, asked, answered, records';
  return {
    find: db.prepare<[Bytes], LogColumns>('SELECT * FROM forward_log WHERE log_id = ?'),
    get: db.prepare<[number], LogColumns>('SELECT * FROM forward_log WHERE id = ?'),
    logs: db.prepare<[], LogColumns>('SELECT * FROM forward_log ORDER BY id'),
    insert: db.prepare<
      [
        ...[logId: Bytes, device: string, epoch: number, certificate: Bytes],
        ...[previousLog: Bytes | null, previousSeq: number | null, previousHead: Bytes | null],
        ...[base: number, head: number, hash: Bytes, vouched: number],
      ]
    >(
      `INSERT INTO forward_log (log_id, device, epoch, certificate, previous_log, previous_seq, previous_head, base, head, hash, vouched)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    place: db.prepare<[number, Bytes, number, number]>(
      'UPDATE forward_log SET head = ?, hash = ?, rewound = ? WHERE id = ?',
    ),
    markForked: db.prepare<[number]>('UPDATE forward_log SET forked = 1 WHERE id = ?'),
    add: db.prepare<[number, number, number, Bytes, number, Bytes, number, number, Bytes, number]>(
      `INSERT INTO forward_batch (log, first, last, before, oldest, seal, asked, answered, records, size)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    next: db.prepare<[number], BatchColumns>(
      `SELECT ${batch} FROM forward_batch
        WHERE id IN (SELECT id FROM (SELECT id, min(first) FROM forward_batch GROUP BY log)) ORDER BY id LIMIT ?`,
    ),
    waiting: db.prepare<[number], BatchColumns>(
      `SELECT ${batch} FROM forward_batch WHERE log = ? ORDER BY first`,
    ),
    remove: db.prepare<[number, number]>('DELETE FROM forward_batch WHERE log = ? AND last <= ?'),
    supersede: db.prepare<[number, number, number]>(
      'DELETE FROM forward_batch WHERE log = ? AND first >= ? AND last <= ?',
    ),
    hasFrom: db.prepare<[number, number]>('UPDATE forward_batch SET oldest = min(first, ?) WHERE log = ?'),
    keepAck: db.prepare<[number, Bytes, Bytes, number]>(
      'UPDATE forward_log SET acked = ?, ack = ?, ack_certificate = ?, refused = NULL WHERE id = ?',
    ),
    moveCursor: db.prepare<[string, number, number]>(
      `INSERT INTO forward_peer VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE
          SET cursor = max(cursor, excluded.cursor), batches = batches + 1, at = excluded.at`,
    ),
    refuse: db.prepare<[string, number]>('UPDATE forward_log SET refused = ? WHERE id = ?'),
    totals: db.prepare<[], { batches: number; records: number; bytes: number }>(
      `SELECT count(*) AS batches, coalesce(sum(last - first + 1), 0) AS records, coalesce(sum(size), 0) AS bytes
         FROM forward_batch`,
    ),
    oldest: db.prepare<[], { answered: number }>('SELECT answered FROM forward_batch ORDER BY id LIMIT 1'),
    cursors: db.prepare<[], PeerCursor>(
      'SELECT gateway, cursor, batches, at FROM forward_peer ORDER BY gateway',
    ),
  };
}
