/** Events: what a gateway publishes about one record, chained in the order of its event log (SPEC.md, Event). */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { HASH_BYTES, LOG_ID_BYTES } from '../log/chain.js';
import type { TimeInterval } from '../log/trusted-time.js';
import { leafHash } from './merkle.js';

/** How strongly a record is proven: 0 tag UID only, 1 tag with counter and CMAC, 2 challenge answered by a key. */
export type Evidence = 0 | 1 | 2;

/** Where an event stands: whose log of events, and at which place in it. */
export interface EventPlace {
  readonly site: string;
  readonly gateway: string;
  /** Epoch of the gateway's event log. */
  readonly epoch: number;
  /** From 1 in each epoch, without gaps. */
  readonly seq: number;
  /** Hash of the event before, or of the event log's genesis. */
  readonly previous: Uint8Array;
  /** When the gateway stored it, Unix seconds. */
  readonly recorded: number;
}

/** What an event says: a record with the gateway's findings. */
export interface EventContent {
  /** Coarse type, as on the topic. */
  readonly type: string;
  /** The device whose log the record is from. */
  readonly device: string;
  readonly logId: Uint8Array;
  readonly logSeq: number;
  /** `h(i - 1)` of the record's log. */
  readonly logPrevious: Uint8Array;
  /** The record's bytes as the device logged them. */
  readonly record: Uint8Array;
  /** Id of the seal that covers the record. */
  readonly sealId: Uint8Array;
  readonly evidence: Evidence;
  readonly time: TimeInterval;
  /** The band or tag that a punch is of. */
  readonly band?: string | undefined;
  /** Whole minutes from the check-in to this check-out; absent for everything else. */
  readonly minutes?: number | undefined;
  /** There when the device only MACs: the record rests on the gateway's word, its seal proves nothing to others. */
  readonly vouched?: 'gateway' | undefined;
  /** Id of the act, where two devices log one: 32 bytes. */
  readonly act?: Uint8Array | undefined;
}

/** The one value of the field vouched. */
const VOUCHED_BY_GATEWAY = 1;

export interface Event extends EventPlace, EventContent {}

/** What the first event of an epoch names as the one before it. */
export function eventGenesis(
  site: string,
  gateway: string,
  thumbprint: Uint8Array,
  epoch: number,
): Uint8Array {
  return sha256(encode(['tb-events', 1, site, gateway, thumbprint, epoch]));
}

export function encodeEvent(event: Event): Uint8Array {
  return encodeEventAt(event, event);
}

/** The same from its two halves, so that a busy gateway need not join them first. */
export function encodeEventAt(place: EventPlace, content: EventContent): Uint8Array {
  return encode(
    entries(
      [1, place.site],
      [2, place.gateway],
      [3, place.epoch],
      [4, place.seq],
      [5, place.previous],
      [6, content.type],
      [7, content.device],
      [8, content.logId],
      [9, content.logSeq],
      [10, content.logPrevious],
      [11, content.record],
      [12, content.sealId],
      [13, content.evidence],
      [14, content.time.earliest],
      [15, content.time.latest],
      [16, place.recorded],
      [17, content.band],
      [18, content.minutes],
      [19, content.vouched === undefined ? undefined : VOUCHED_BY_GATEWAY],
      [20, content.act],
    ),
  );
}

/** Reads an event's bytes. @throws CborError */
export function decodeEvent(bytes: Uint8Array): Event {
  const fields = Fields.of(decodeStrict(bytes), 'event');
  return {
    site: fields.text(1),
    gateway: fields.text(2),
    epoch: fields.uint(3),
    seq: fields.uint(4),
    previous: fields.bytes(5, HASH_BYTES),
    type: fields.text(6),
    device: fields.text(7),
    logId: fields.bytes(8, LOG_ID_BYTES),
    logSeq: fields.uint(9),
    logPrevious: fields.bytes(10, HASH_BYTES),
    record: fields.bytes(11),
    sealId: fields.bytes(12, HASH_BYTES),
    evidence: readEvidence(fields.uint(13)),
    time: { earliest: fields.optionalUint(14), latest: fields.uint(15) },
    recorded: fields.uint(16),
    band: fields.optionalText(17),
    minutes: fields.optionalUint(18),
    vouched: fields.has(19) ? 'gateway' : undefined,
    act: fields.optionalBytes(20, HASH_BYTES),
  };
}

/** A tier from a newer protocol counts as the strongest we know how to name. */
function readEvidence(tier: number): Evidence {
  return tier === 0 ? 0 : tier === 1 ? 1 : 2;
}

/** An event's hash, by which the next one names it: its leaf hash in the commit's tree, so it is computed once. */
export const eventHash = leafHash;
