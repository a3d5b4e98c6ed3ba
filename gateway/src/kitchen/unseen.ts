/**
 * Whom to look in on: who has a lunch for today, has neither fetched it nor been brought it by the time that the site's rules
 * say, and was not seen at anything else. Being asked after once too often harms nobody.
 */
import { CATEGORY, type MealSlot } from '@timeband/protocol';
import type { Raise, RaiseSource } from '../matters/index.js';
import type { DaySheet } from './day-sheet.js';
import type { SeenToday } from './seen.js';

export interface UnseenOptions {
  readonly kitchen: {
    readonly day: (date: number, slot: MealSlot) => DaySheet;
    readonly dateOf: (at: number) => number;
  };
  readonly seen: Pick<SeenToday, 'advance' | 'lastOf'>;
  /** Minutes after midnight; 0: nobody is looked in on. */
  readonly lookInAt: () => number;
  /** Of the day, where the site is. */
  readonly secondOf: (at: number) => number;
}

export function unseen({ kitchen, seen, lookInAt, secondOf }: UnseenOptions): RaiseSource {
  return {
    *wanted(now): Iterable<Raise | undefined> {
      const at = lookInAt() * 60;
      if (at === 0) return;
      const date = kitchen.dateOf(now);
      // From the morning on, so that little is left to look at by then; after a restart it is the whole day.
      while (!seen.advance(date)) yield undefined;
      if (secondOf(now) < at) return;
      for (const { account, phase } of kitchen.day(date, 'lunch').meals) {
        const isWaiting = phase === 'ordered' || phase === 'packed';
        if (!isWaiting || seen.lastOf(account) !== undefined) continue;
        yield {
          reason: unseenReason(date, account),
          ...{ category: CATEGORY.care, urgency: 'soon', about: account },
        };
      }
    },
  };
}

/** Once a day for each. */
export function unseenReason(date: number, account: string): Raise['reason'] {
  return ['unseen', date, account];
}
