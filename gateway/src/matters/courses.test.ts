/** Databases from before a kind of course was kept track of, and what an order of finding must not change. */
import Database from 'better-sqlite3';
import { CATEGORY, KIND, type Meal, mealBody, requestBody, tagId } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community, enrol, type Logged, MORNING, sixteen, UID } from '../ledger/community.test.support.js';
import { MIGRATIONS } from '../store/index.js';
import { type CourseKind, Courses } from './courses.js';
import { Matters } from './matters.js';

const TODAY = Math.floor((MORNING + 8 * 3_600) / 86_400);
const matter = (minute: number, id: number): Logged => ({
  ...{ minute, kind: KIND.request, band: tagId(UID(1)) },
  body: requestBody({
    ...{ request: sixteen(id), phase: 'open', category: CATEGORY.repair, urgency: 'routine', level: 'grid' },
  }),
});
const meal = (minute: number, id: number, phase: Meal['phase'] = 'ordered'): Logged => ({
  ...{ minute, kind: KIND.meal },
  body: mealBody({
    ...{ meal: sixteen(id), phase, date: TODAY, slot: 'lunch', assisted: 'office' },
    ...(phase === 'ordered' && { account: 'wang', cost: 800 }),
  }),
});

let community: Community;
beforeEach(() => {
  community = new Community();
});
afterEach(() => {
  community.close();
});

/** All that is kept of courses. */
function kept(): unknown {
  const { courses } = community.store;
  return [...courses.all()].map((row) => ({ ...row, events: courses.eventsOf(row) }));
}

/** The database as an earlier program left it, which knew of no kind but requests, or of nothing to derive. */
function asItWas(knewOf: 'requests' | 'nothing'): void {
  const { file } = community;
  community.store.close();
  const db = new Database(file);
  db.exec('DROP TABLE course_kind');
  db.prepare('DELETE FROM course_step WHERE kind <> ?').run(KIND.request);
  db.prepare('DELETE FROM course WHERE kind <> ?').run(KIND.request);
  if (knewOf === 'nothing')
    db.exec('DELETE FROM course; DELETE FROM course_step; UPDATE course_progress SET event = 0');
  db.pragma(`user_version = ${MIGRATIONS.findIndex((step) => step.includes('TABLE course_kind'))}`);
  db.close();
  community.restart();
}

describe('a database from before meals and cases were kept track of', () => {
  it.each(['requests', 'nothing'] as const)(
    'that knew of %s comes to the same as one derived anew, event by event, while more comes in',
    (knewOf) => {
      community.aDay();
      community.publish('a', enrol(500, tagId(UID(9)), 'sun'), matter(501, 1), meal(502, 11), meal(503, 12));
      community.publish('b', meal(504, 11, 'packed'), matter(505, 2));
      const before = kept();
      asItWas(knewOf);
      expect(kept()).not.toEqual(before);
      expect(community.matters.behind).toBe(community.store.lastCommit()?.last);

      for (let seen = Infinity, n = 0; community.matters.behind > 0; n++) {
        if (n === 3) community.publish('a', meal(600, 13), matter(601, 3));
        else expect(community.matters.behind).toBeLessThan(seen);
        seen = community.matters.behind + (n === 2 ? 3 : 0);
        if (n === 5) community.restart(); // it goes on where it was
        community.matters.advance(1);
      }
      const caughtUp = kept();
      community.matters.rebuild();
      expect(caughtUp).toEqual(kept());
      community.restart();
      expect(community.matters.behind).toBe(0);
    },
  );

  it('looks for a kind that comes with a later program by itself, and for no other again', () => {
    community.publish('a', matter(1, 1), meal(2, 11), matter(3, 2));
    const { store, ledger } = community;
    const LATER: CourseKind = {
      ...{ kind: KIND.enrol, mostSteps: 10 },
      ...{ idOf: () => sixteen(7), spanOf: () => ({ began: MORNING }) },
    };
    community.publish('a', enrol(4, tagId(UID(3)), 'li'));
    const later = new Matters({ store, ledger, gateway: 'gw-1', also: [LATER] });
    expect(later.behind).toBe(4);
    later.catchUp();
    expect(store.courses.eventsOf({ kind: KIND.enrol, id: sixteen(7) })).toEqual([4]);
    expect(store.courses.eventsOf({ kind: KIND.request, id: sixteen(1) })).toEqual([1]);
  });
});

it('keeps the first steps of a course that has too many, also when later ones were found before', () => {
  const two: CourseKind = {
    ...{ kind: KIND.meal, mostSteps: 2, idOf: () => sixteen(1), spanOf: () => ({ began: MORNING }) },
  };
  const { store } = community;
  community.publish('a', meal(1, 11), meal(2, 12), meal(3, 13), meal(4, 14));
  store.courses.clear();
  store.courses.setProgress(2); // by a program that did not know of meals
  const courses = new Courses({ store, kinds: [two] });
  courses.catchUp();
  expect(store.courses.eventsOf({ kind: KIND.meal, id: sixteen(1) })).toEqual([1, 2]);
});
