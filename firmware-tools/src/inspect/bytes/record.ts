/** Records, and what is in their bodies. */
import {
  type CborMap,
  decodeRecord,
  eventTypeOf,
  readBody,
  type Record,
  type RecordBody,
  TimebandError,
} from '@timeband/protocol';
import { annotate, BODY_LABELS, type Label, recordLabel } from '@timeband/protocol/cbor-text';
import { bad, type Finding, good, unjudged, type Judgement } from './finding.js';
import { inWords, plain, utc } from './plain.js';

/** Longest record of a band or reader, and of a gateway's own log (SPEC.md, Limits). */
const LONGEST = 349;
const LONGEST_OF_GATEWAY = 4_096;

/** The names for a record's fields and, where its kind is known, for those of its body. */
export function labelOf({ kind }: Pick<Record, 'kind'>): Label {
  const name = eventTypeOf(kind);
  return recordLabel(name === 'other' ? {} : BODY_LABELS[name]);
}

/** A record's body, or why it says nothing. */
export function bodyOf({
  kind,
  body,
}: {
  readonly kind: number;
  readonly body: CborMap;
}): RecordBody | TimebandError {
  try {
    return readBody(kind, body);
  } catch (error) {
    if (error instanceof TimebandError) return error;
    throw error;
  }
}

/** `2025-06-15T16:05:21Z`, the device's own word; undefined while its clock is unset. */
export function wallOf({ time }: Pick<Record, 'time'>): string | undefined {
  return time.quality === 'unset' ? undefined : utc(time.wall);
}

/** What a record says, in one line: `punch: direction in, service 7`. */
export function sayRecord(record: Pick<Record, 'kind' | 'body'>): string {
  const read = bodyOf(record);
  if (read instanceof TimebandError)
    return `${eventTypeOf(record.kind)}, which has no effect: ${read.message}`;
  return 'value' in read
    ? `${read.kind}: ${inWords(plain(read.value))}`
    : `kind ${record.kind}, of a later version`;
}

/** @throws CborError where it is no record at all */
export function decodeRecordBytes(bytes: Uint8Array): Finding {
  const record = decodeRecord(bytes);
  const read = bodyOf(record);
  const { kind, seq, boot, uptime, time, salt, body } = record;
  return {
    what: 'record',
    bytes: bytes.length,
    says: `number ${seq}, start ${boot} and ${uptime} s, ${wallOf(record) ?? 'clock unset'}; ${sayRecord(record)}`,
    verdicts: [
      ...(read instanceof TimebandError ? [bad(read)] : [good('well-formed')]),
      ...sizeOf(bytes),
      ...('value' in read || read instanceof TimebandError
        ? []
        : [unjudged('of a kind that this version does not know')]),
      unjudged('a record is proven by the seal over its log, not by itself'),
    ],
    lines: annotate(bytes, labelOf(record)),
    value: plain({ kind, seq, boot, uptime, time, salt, body: 'value' in read ? read : body }),
    parts: [],
  };
}

function sizeOf({ length }: Uint8Array): Judgement[] {
  if (length > LONGEST_OF_GATEWAY)
    return [bad({ code: 'cbor/too-large', message: `${length} bytes: longer than any record` })];
  if (length > LONGEST)
    return [unjudged(`${length} bytes: more than a band or reader may log, a gateway may`)];
  return [];
}
