/** Activity: a group event, from its plan to the roster of those who were there (SPEC.md, Activity). */
import { toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { decodeCose } from '../cose/index.js';
import { sha256 } from '../crypto/index.js';
import { type Proof, tagId } from '../evidence/proof.js';
import { bytes, id, oneOf, reference, service, uint, unixSeconds } from './field-types.js';
import { bodyCodec, contradiction, demand, optional, required } from './layout.js';
import type { PhaseOrder } from './phases.js';

export const ACTIVITY_PHASE = { planned: 1, opened: 2, closed: 3, cancelled: 4 } as const;
export type ActivityPhase = keyof typeof ACTIVITY_PHASE;

export const ACTIVITY_ORDER: PhaseOrder<ActivityPhase> = {
  start: ['planned', 'opened'],
  planned: ['planned', 'opened', 'cancelled'],
  opened: ['closed', 'cancelled'],
  closed: [],
  cancelled: [],
};

export interface Activity {
  /** Random, 16 bytes, the same through all phases of one event. */
  readonly activity: Uint8Array;
  readonly phase: ActivityPhase;
  /** Number in the catalogue. */
  readonly service: number;
  /** The person in charge, by account. */
  readonly organiser: string;
  /** Unix seconds. */
  readonly plannedStart: number;
  /** Unix seconds, not before `plannedStart`. */
  readonly plannedEnd: number;
  /** How many may come. */
  readonly capacity: number;
  /** Unix seconds. Needed from `opened` on. */
  readonly started?: number | undefined;
  /** Unix seconds. Needed when it is closed. */
  readonly ended?: number | undefined;
  /** How many came. Needed when it is closed. */
  readonly attended?: number | undefined;
  /** {@link rosterHash} of those who came, 32 bytes. Needed when it is closed: nobody is added later. */
  readonly roster?: Uint8Array | undefined;
}

const NEEDED: Readonly<Record<ActivityPhase, readonly (keyof Activity)[]>> = {
  planned: [],
  opened: ['started'],
  closed: ['started', 'ended', 'attended', 'roster'],
  cancelled: [],
};

export const { write: activityBody, read: readActivity } = bodyCodec<Activity>(
  'activity',
  {
    activity: required(1, reference),
    phase: required(2, oneOf(ACTIVITY_PHASE)),
    service: required(3, service),
    organiser: required(4, id),
    plannedStart: required(5, unixSeconds),
    plannedEnd: required(6, unixSeconds),
    capacity: required(7, uint(1, 0xffff)),
    started: optional(8, unixSeconds),
    ended: optional(9, unixSeconds),
    attended: optional(10, uint(0, 0xffff)),
    roster: optional(11, bytes(32)),
  },
  (activity) => {
    demand('activity', activity, NEEDED[activity.phase]);
    const { plannedStart, plannedEnd, started, ended, attended, capacity } = activity;
    if (plannedEnd < plannedStart || (started !== undefined && ended !== undefined && ended < started)) {
      throw contradiction('activity: it ends before it starts');
    }
    if (attended !== undefined && attended > capacity) {
      throw contradiction('activity: more came than there was room for');
    }
  },
);

/**
 * What a band or tag is called on a roster: it follows from the proof alone, so that a reader which started anew finds it in
 * its own log. `tag-` and the UID of a tag, `key-` and the kid of an answer.
 *
 * @returns nothing where the proof does not say: one that is encrypted, or of a later version, or a band's own word
 * @throws CborError, CoseError for an answer that is no message
 */
export function rosterName(proof: Proof): string | undefined {
  switch (proof.kind) {
    case 'uid':
    case 'sun':
      return tagId(proof.uid);
    case 'answer':
      return `key-${toHex(decodeCose(proof.message).kid)}`;
    case 'encrypted-sun':
    case 'own':
    case 'unknown':
      return undefined;
  }
}

/**
 * `SHA-256(CBOR["tb-roster", 1, activity, [names in bytewise order]])`, of {@link rosterName}. It commits to who was there without naming
 * them; the random id of the activity keeps it from being guessed from a list of bands alone.
 */
export function rosterHash(activity: Uint8Array, names: Iterable<string>): Uint8Array {
  return sha256(encode(['tb-roster', 1, activity, [...new Set(names)].sort()]));
}
