/** How strongly a record is proven. The gateway computes the tier from the proof inside; it never reads one. */
import {
  eventTypeOf,
  type Evidence,
  type Punch,
  readPunch,
  type Record,
  tagId,
  type EventType,
} from '@timeband/protocol';

/** What a record says, as far as this gateway understands its kind. */
export interface Reading {
  readonly type: EventType;
  readonly evidence: Evidence;
  readonly punch?: { readonly band: string; readonly punch: Punch };
}

/** @throws CborError when the body is not what its kind requires */
export function readRecord(record: Record): Reading {
  const type = eventTypeOf(record.kind);
  if (type === 'punch') {
    const punch = readPunch(record.body);
    // A UID can be copied by anyone: it proves nothing by itself.
    return { type, evidence: 0, punch: { band: tagId(punch.uid), punch } };
  }
  // Everything else rests on the key of the device that logged and sealed it.
  return { type, evidence: 2 };
}
