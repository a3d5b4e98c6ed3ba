/** What a tap is by where its reader stands: a check-in or check-out, or a meal that is fetched. */
import {
  type CborMap,
  type Direction,
  KIND,
  mealBody,
  punchBody,
  randomBytes,
  tagId,
} from '@timeband/protocol';
import type { TagReaderConfig } from '../config/index.js';
import type { Kitchen } from '../kitchen/index.js';
import type { Preview, Visits } from '../ledger/index.js';

/** A record of a tap. */
export interface Entry {
  readonly kind: number;
  readonly body: CborMap;
  /** For the log line. */
  readonly says: Readonly<Record<string, string>>;
  /** What it will come to, where that is not what the ledger makes of it. */
  readonly expected?: Preview;
}

export interface EntriesOptions {
  readonly visits: Pick<Visits, 'isOpen'>;
  readonly kitchen: Pick<Kitchen, 'dateOf' | 'preview'>;
  /** Unix seconds. */
  readonly wallClock: () => number;
}

const MEAL_ID_BYTES = 16;

export function entriesOf(
  { service = 0, direction, meal: slot }: Pick<TagReaderConfig, 'service' | 'direction' | 'meal'>,
  { visits, kitchen, wallClock }: EntriesOptions,
): (uid: Uint8Array) => Entry {
  if (slot !== undefined) {
    return (uid) => {
      const now = wallClock();
      const proof = { kind: 'uid', uid } as const;
      const meal = randomBytes(MEAL_ID_BYTES); // it is the tag that says whose it is
      const body = mealBody({ meal, phase: 'collected', date: kitchen.dateOf(now), slot, proof });
      const expected = kitchen.preview(body, tagId(uid), Math.ceil(now));
      return { kind: KIND.meal, body, says: { meal: slot }, expected };
    };
  }
  return (uid) => {
    const isOpen = direction === 'toggle' && visits.isOpen(tagId(uid), service, Math.floor(wallClock()));
    const way: Direction = direction === 'toggle' ? (isOpen ? 'out' : 'in') : direction;
    const body = punchBody({ direction: way, service, proof: { kind: 'uid', uid } });
    return { kind: KIND.punch, body, says: { direction: way } };
  };
}
