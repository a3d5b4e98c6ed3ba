/** Makes the events of a commit again from what the store has of them: their bytes are not stored (SPEC.md, Event). */
import {
  decodeRecord,
  encodeEventAt,
  type EventContent,
  eventHash,
  type EventPlace,
  eventTypeOf,
  readPunch,
} from '@timeband/protocol';
import type { CommitRow, EpochRow, EventSourceRow } from '../store/index.js';
import { bandNamed } from '../verify/index.js';

/** What an event is made of; where its record was replaced on request, only its hash is known. */
export type RebuiltContent = EventContent & {
  readonly erased?: { readonly eventHash: Uint8Array } | undefined;
};

/** The bytes of consecutive events and their hashes; without bytes for those of which only the hash is known. */
export interface ChainedEvents {
  readonly bytes: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
}

/** What the events of one commit have in common. */
export type ChainStart = Omit<EventPlace, 'seq'> & {
  /** Number in the epoch of the event before the first. */
  readonly seq: number;
};

/** Where the events of a commit stand. */
export function startOf(
  { first, previous, recorded }: Pick<CommitRow, 'first' | 'previous' | 'recorded'>,
  { epoch, base }: EpochRow,
  { site, gateway }: Pick<EventPlace, 'site' | 'gateway'>,
): ChainStart {
  return { site, gateway, epoch, seq: first - 1 - base, previous, recorded };
}

/** Numbers and chains events. */
export function chainEvents(start: ChainStart, contents: readonly RebuiltContent[]): ChainedEvents {
  let { seq, previous } = start;
  const bytes: Uint8Array[] = [];
  const hashes: Uint8Array[] = [];
  for (const content of contents) {
    seq++;
    const { erased, ...known } = content;
    const event = erased === undefined ? encodeEventAt({ ...start, seq, previous }, known) : new Uint8Array();
    previous = erased?.eventHash ?? eventHash(event);
    bytes.push(event);
    hashes.push(previous);
  }
  return { bytes, hashes };
}

/** The content that a stored event was made from. @throws CborError, RecordError when its record is no record */
export function contentOf(row: EventSourceRow): RebuiltContent {
  const record = decodeRecord(row.record);
  const type = eventTypeOf(record.kind);
  return {
    type,
    device: row.device,
    logId: row.logId,
    logSeq: row.logSeq,
    logPrevious: row.logPrevious,
    record: row.record,
    sealId: row.sealId,
    evidence: row.evidence,
    time: row.time,
    band: row.band ?? (type === 'punch' ? bandNamed(readPunch(record.body)) : undefined),
    minutes: row.minutes,
    vouched: row.vouched ? 'gateway' : undefined,
    act: row.act,
    erased: row.erased,
  };
}
