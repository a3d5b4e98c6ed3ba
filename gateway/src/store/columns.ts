/** Rows as the database has them, and as everybody else reads them. */
import type { Evidence } from '@timeband/protocol';
import type { CommitRow, FactRow } from './rows.js';

export interface LogColumns {
  id: number;
  log_id: Uint8Array;
  device: string;
  base: number;
  head: number;
  hash: Uint8Array;
  time_floor: number | null;
  forked: number;
  vouched: number;
}

export interface CommitColumns {
  first: number;
  last: number;
  previous: Uint8Array;
  head: Uint8Array;
  recorded: number;
  protected: Uint8Array;
  signature: Uint8Array;
}

export interface EventColumns {
  seq: number;
  log: number;
  log_seq: number;
  evidence: number;
  earliest: number | null;
  latest: number;
  minutes: number | null;
  band: string | null;
  act: Uint8Array | null;
  doubted: number;
  bytes: Uint8Array;
  previous: Uint8Array;
  log_id: Uint8Array;
  device: string;
  vouched: number;
  seal_id: Uint8Array;
  event_hash: Uint8Array | null;
}

export const FACTS = `
  SELECT e.seq, e.log, e.log_seq, e.evidence, e.earliest, e.latest, e.band, e.act, e.doubted, r.bytes
    FROM event e JOIN record r ON r.log = e.log AND r.seq = e.log_seq`;

/** In the order of {@link FACTS}. As arrays they are read in half the time, and there are millions. */
export type FactColumns = [
  seq: number,
  log: number,
  logSeq: number,
  evidence: number,
  earliest: number | null,
  latest: number,
  band: string | null,
  act: Uint8Array | null,
  doubted: number,
  record: Uint8Array,
];

export function factOf(columns: FactColumns): FactRow {
  const [seq, log, logSeq, evidence, earliest, latest, band, act, doubted, record] = columns;
  // Named one by one: spread objects would cost a statement of a year as much as reading its rows.
  return {
    seq,
    log,
    logSeq,
    evidence: evidence as Evidence,
    time: { earliest: earliest ?? undefined, latest },
    band: band ?? undefined,
    act: act ?? undefined,
    doubted: doubted !== 0,
    record,
  };
}

export function commitOf(row: CommitColumns): CommitRow {
  const { protected: protectedBytes, ...rest } = row;
  return { ...rest, protectedBytes };
}
