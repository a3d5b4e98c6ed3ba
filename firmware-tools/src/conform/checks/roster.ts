/** Activities that its log still has whole: whether their rosters are those of who checked in (SPEC.md, Activity). */
import {
  type Activity,
  decodeRecord,
  equalBytes,
  KIND,
  type Punch,
  readActivity,
  readPunch,
  type Record,
  rosterHash,
  rosterName,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect, NotApplicable } from '../verdict.js';

export const ROSTER = checksOf('log', [
  {
    id: 'log-roster',
    section: 'Activity',
    title: 'closes an activity as it was opened, with the roster of who checked in meanwhile',
    run: async (lab) => {
      const { oldest } = await lab.identity();
      const whole = heldIn((await lab.records(oldest)).flatMap(readable));
      if (whole.length === 0)
        throw new NotApplicable('its log has no activity that was closed: hold one, and examine it again');
      for (const held of whole) judge(held);
    },
  },
]);

interface Held {
  readonly opened: Activity;
  readonly closed: Activity;
  /** As rosters call them. */
  readonly names: ReadonlySet<string>;
}

function heldIn(records: readonly Record[]): Held[] {
  const open = new Map<string, { readonly opened: Activity; readonly names: Set<string> }>();
  const held: Held[] = [];
  for (const { kind, body } of records) {
    const punch = kind === KIND.punch ? quietly(() => readPunch(body)) : undefined;
    const step = kind === KIND.activity ? quietly(() => readActivity(body)) : undefined;
    if (punch?.direction === 'in') {
      const name = quietly(() => rosterName(punch.proof));
      for (const { opened, names } of open.values())
        if (name !== undefined && opened.service === punch.service) names.add(name);
    }
    if (step === undefined) continue;
    const id = toHex(step.activity);
    const before = open.get(id);
    open.delete(id);
    if (step.phase === 'opened') open.set(id, { opened: step, names: new Set() });
    if (step.phase === 'closed' && before !== undefined) held.push({ ...before, closed: step });
  }
  return held;
}

function judge({ opened, closed, names }: Held): void {
  const { activity, attended = 0, roster = new Uint8Array() } = closed;
  const what = `activity ${toHex(activity)}`;
  for (const field of ['service', 'organiser', 'capacity', 'started'] as const)
    expect(opened[field] === closed[field], `${what}: ${field} is another one than when it was opened`);
  expect(attended <= names.size, `${what}: ${attended} on the roster, and ${names.size} checked in`);
  // Whom feedback took out is in the log all the same: which of them is no business of the log's.
  if (attended < names.size) return;
  const right = rosterHash(activity, names);
  expect(equalBytes(roster, right), `${what}: a roster of ${toHex(roster)}, it has to be ${toHex(right)}`);
}

function readable(bytes: Uint8Array): Record[] {
  const record = quietly(() => decodeRecord(bytes));
  return record === undefined ? [] : [record];
}

/** What cannot be read is found by other checks. */
function quietly<T extends Record | Activity | Punch | string | undefined>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
