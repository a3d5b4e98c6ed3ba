/** Records of a log for people and for programs. */
import { eventTypeOf, TimebandError, type TimeInterval, toHex } from '@timeband/protocol';
import { plain, utc } from '../bytes/plain.js';
import { bodyOf, sayRecord, wallOf } from '../bytes/record.js';
import type { LogBatch, LogEntry, LogHead } from './log-reader.js';
import type { Proof } from './seal-check.js';

/** An interval of no more seconds is shown as one time. */
const NARROW_SECONDS = 10;

/** `  12  2025-06-15T16:05:21Z  punch: direction in, service 7`. */
export function describeEntry(entry: LogEntry): string {
  const { seq, record, when, proof } = entry;
  const mark =
    proof.verdict === 'sealed' || proof.verdict === 'chained' ? ' ' : proof.verdict === 'refused' ? '✗' : '?';
  if (record instanceof TimebandError)
    return `${mark}${String(seq).padStart(6)}  bytes that are no record: ${record.message} (${record.code})`;
  const time =
    when === undefined ? `${wallOf(record) ?? 'clock unset'} (its own word)` : describeInterval(when);
  return `${mark}${String(seq).padStart(6)}  ${time}  ${sayRecord(record)}`;
}

export function describeInterval({ earliest, latest }: TimeInterval): string {
  if (earliest === undefined) return `before ${utc(latest)}`;
  return latest - earliest <= NARROW_SECONDS
    ? utc(Math.round((earliest + latest) / 2))
    : `${utc(earliest)} to ${utc(latest)}`;
}

/** A sentence on each run of records that share a proof. */
export function describeProofs({ entries }: Pick<LogBatch, 'entries'>): string[] {
  const runs: { first: number; last: number; readonly proof: Proof }[] = [];
  for (const { seq, proof } of entries) {
    const run = runs.at(-1);
    if (run?.proof === proof) run.last = seq;
    else runs.push({ first: seq, last: seq, proof });
  }
  return runs.map(({ first, last, proof }) =>
    sentence(first === last ? `record ${first}` : `records ${first} to ${last}`, proof),
  );
}

function sentence(which: string, proof: Proof): string {
  switch (proof.verdict) {
    case 'sealed':
      return `${which}: sealed by the key of the device; nothing is missing, nothing was changed`;
    case 'chained':
      return `${which}: nothing is missing; who sealed it, nobody here can check: ${proof.reason}`;
    case 'unsealed':
      return `${which}: not proven: ${proof.reason}`;
    case 'refused':
      return `${which}: DO NOT HOLD: ${proof.reason} (${proof.code})`;
  }
}

/** One JSON object for one record. */
export function entryJson(head: LogHead, { seq, bytes, record, when, proof }: LogEntry): unknown {
  const base = { device: head.device, log: head.log, seq };
  const shared = { ...(when && { when }), proof, bytes: toHex(bytes) };
  if (record instanceof TimebandError)
    return { ...base, error: { code: record.code, message: record.message }, ...shared };
  const { kind, boot, uptime, time, body } = record;
  const read = bodyOf(record);
  const value = read instanceof TimebandError || !('value' in read) ? plain(body) : plain(read.value);
  return { ...base, kind: eventTypeOf(kind), boot, uptime, time, body: value, ...shared };
}
