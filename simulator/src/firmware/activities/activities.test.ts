import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Activity,
  type Because,
  decodeRecord,
  KIND,
  type KnownProof,
  type NewPunch,
  randomBytes,
  readActivity,
  readPunch,
  rosterHash,
  rosterName,
  toHex,
} from '@timeband/protocol';
import { BandStock } from '../../taps/bands.js';
import { SITE } from '../../test-support/gateway.js';
import { Bench } from '../../test-support/reader.js';
import { PowerCut } from '../flash.js';

const NOON = Math.floor(Date.now() / 1_000);
const CLEANING = 702;
const LESSON = 501;
const stock = new BandStock({ seed: 'activity', site: SITE, mix: { uid: 1, sun: 1, key: 1 } });

const checkIn = (band: number, service = CLEANING, direction: 'in' | 'out' = 'in'): NewPunch => ({
  ...{ direction, service },
  proof: stock
    .band(band)
    .prove({ what: 'punch', nonce: randomBytes(16), challenger: 'reader-1', service, direction }),
});
const wanted = (capacity = 20, service = CLEANING) => ({
  ...{ service, organiser: 'account-3', capacity, plannedMinutes: 60 },
});
const openBench = (options: ConstructorParameters<typeof Bench>[0] = {}) => {
  const bench = new Bench({ wall: NOON, ...options });
  bench.introduce(NOON);
  return bench;
};

/** The last thing that the log says of an activity. */
function said(bench: Bench): Activity | undefined {
  const last = bench.decoded(bench.reader.identity().oldest).findLast(({ kind }) => kind === KIND.activity);
  return last && readActivity(last.body);
}

/** The roster as the specification has it, from the log and from what feedback said, by a way of its own. */
function expected(bench: Bench, { activity, service }: Activity, leftOut: ReadonlySet<number>) {
  const names = new Set<string>();
  let isOpen = false;
  for (const { kind, seq, body } of bench.decoded(bench.reader.identity().oldest)) {
    if (kind === KIND.activity) {
      const step = readActivity(body);
      if (toHex(step.activity) === toHex(activity)) isOpen = step.phase === 'opened';
    }
    if (!isOpen || kind !== KIND.punch || leftOut.has(seq)) continue;
    const punch = readPunch(body);
    const name = rosterName(punch.proof);
    if (punch.direction === 'in' && punch.service === service && name !== undefined) names.add(name);
  }
  return { attended: names.size, roster: toHex(rosterHash(activity, names)) };
}
const rosterIn = ({ attended, roster = new Uint8Array() }: Activity) => ({ attended, roster: toHex(roster) });

describe('an activity at a reader', () => {
  it('is opened, and closed with those who checked in to it between, each once', () => {
    const bench = openBench();
    const { reader } = bench;
    reader.tap(checkIn(9)); // before it
    expect(reader.activities.begin(wanted())).toMatchObject({ logged: 3 });
    for (const band of [0, 1, 2, 1]) reader.tap(checkIn(band));
    reader.tap(checkIn(3, LESSON));
    reader.tap(checkIn(0, CLEANING, 'out'));
    bench.timers.advance(45 * 60_000);
    expect(reader.activities.close()).toHaveProperty('logged');
    const closed = said(bench);
    const [tag, sun] = [stock.uid(0), stock.uid(1)].map((uid) => `tag-${toHex(uid)}`);
    const { proof } = checkIn(2);
    const key = rosterName(proof) ?? '';
    expect(key).toMatch(/^key-[0-9a-f]{16}$/);
    expect(closed).toMatchObject({ phase: 'closed', started: NOON, ended: NOON + 45 * 60, attended: 3 });
    const hash = rosterHash(closed?.activity ?? new Uint8Array(), [tag ?? '', sun ?? '', key]);
    expect(toHex(closed?.roster ?? new Uint8Array())).toBe(toHex(hash));
  });

  it('cannot be opened twice for a service, closed twice, or begun or ended by a clock that is not set', () => {
    const { reader, timers } = openBench();
    expect(reader.activities.close()).toEqual({ refused: 'none' });
    expect(reader.activities.begin({ service: CLEANING })).toEqual({ refused: 'none' });
    reader.activities.begin(wanted());
    expect(reader.activities.begin(wanted())).toEqual({ refused: 'open' });
    for (const service of [501, 502, 503]) reader.activities.begin(wanted(5, service));
    expect(reader.activities.begin(wanted(5, 504))).toEqual({ refused: 'many' });
    expect(reader.activities.close()).toEqual({ refused: 'none' }); // which of them?
    expect(reader.activities.close(CLEANING)).toHaveProperty('logged');
    expect(reader.activities.close(CLEANING)).toEqual({ refused: 'none' });
    timers.advance(1_000);
    const unset = new Bench();
    expect(unset.reader.activities.begin(wanted())).toEqual({ refused: 'clock' });
    const fast = new Bench({ wall: NOON + 3_600 });
    fast.reader.activities.begin(wanted());
    fast.introduce(NOON);
    expect(fast.reader.activities.close()).toEqual({ refused: 'clock' });
    fast.introduce(NOON + 7_200);
    expect(fast.reader.activities.close()).toHaveProperty('logged');
  });

  it('is opened as it was planned, and a cancelled one can be closed no more', () => {
    const bench = openBench();
    const { activities } = bench.reader;
    activities.plan({ ...wanted(7), plannedStart: NOON + 600 });
    expect(activities.begin({ service: CLEANING })).toHaveProperty('logged');
    expect(said(bench)).toMatchObject({
      phase: 'opened',
      capacity: 7,
      plannedStart: NOON + 600,
      started: NOON,
    });
    expect(activities.cancel()).toHaveProperty('logged');
    expect(said(bench)).toMatchObject({ phase: 'cancelled' });
    expect(activities.close()).toEqual({ refused: 'none' });
    expect(activities.begin({ service: CLEANING })).toEqual({ refused: 'none' });
    expect(activities.cancel()).toEqual({ refused: 'none' });
  });

  it('turns away whoever has no room, says so, and logs nothing of it; who is there may tap again', () => {
    const bench = openBench();
    bench.reader.activities.begin(wanted(2));
    for (const band of [0, 1]) bench.reader.tap(checkIn(band));
    const { head } = bench.reader.status(0);
    expect(bench.reader.tap(checkIn(2))).toEqual({ refused: 'capacity' });
    expect(bench.reader.status(0).head).toBe(head);
    expect(bench.events.at(-1)).toEqual({ event: 'refused', reason: 'capacity', service: CLEANING });
    expect(bench.reader.tap(checkIn(1))).toEqual({ logged: head + 1 });
    expect(bench.reader.tap(checkIn(2, LESSON))).toHaveProperty('logged');
    const piccData = new Uint8Array(16);
    const hidden: KnownProof = { kind: 'encrypted-sun', piccData, mac: new Uint8Array(8) };
    const tap = { direction: 'in', service: CLEANING, proof: hidden } as const;
    expect(bench.reader.tap(tap)).toEqual({ refused: 'nameless' });
  });

  it('leaves out what feedback says proves nothing, and nobody who was checked in already', () => {
    const bench = openBench();
    bench.reader.activities.begin(wanted(4));
    const hear = (because: Because | undefined, band: number) => {
      bench.reader.tap(checkIn(band));
      const { head: seq } = bench.reader.status(0);
      const outcome = because === undefined ? 'accepted' : because === 'unknown' ? 'queued' : 'refused';
      bench.reader.feedback({ seq, outcome, because });
      return seq;
    };
    const leftOut = new Set([hear('proof', 1), hear('unknown', 2)]);
    for (const [band, because] of [undefined, 'again', undefined, 'again'].entries()) {
      hear(because as Because | undefined, 5 + band);
    }
    bench.reader.activities.close();
    const closed = said(bench);
    if (closed === undefined) throw new Error('nothing was closed');
    expect(closed.attended).toBe(4);
    expect(rosterIn(closed)).toEqual(expected(bench, closed, leftOut));
  });

  it('keeps its records in a small flash, turns people away before they are lost, and can still be closed', () => {
    const bench = openBench({ slots: 48 });
    bench.reader.activities.begin(wanted(60));
    let taken = 0;
    while ('logged' in bench.reader.tap(checkIn(taken))) {
      taken++;
      bench.acknowledge(bench.reader.status(0).head);
    }
    expect(taken).toBeGreaterThan(10);
    expect(bench.events.at(-1)).toEqual({ event: 'refused', reason: 'full' });
    bench.reader.reboot();
    expect(bench.reader.activities.gathered).toMatchObject([{ attended: taken }]);
    expect(bench.reader.activities.close()).toHaveProperty('logged');
    const closed = said(bench);
    expect(closed && rosterIn(closed)).toEqual(closed && expected(bench, closed, new Set()));
    bench.acknowledge(bench.reader.status(0).head);
    expect(bench.reader.tap(checkIn(0))).toHaveProperty('logged');
  });
});

describe('an activity that is never closed', () => {
  it('takes nobody once more was logged than can be left out again', () => {
    const bench = openBench({ slots: 4_096 });
    bench.reader.activities.begin(wanted());
    let taken = 0;
    for (; 'logged' in bench.reader.tap(checkIn(0)); taken++);
    expect(bench.events.at(-1)).toMatchObject({ event: 'refused', reason: 'long' });
    const { head: seq } = bench.reader.status(0);
    bench.reader.feedback({ seq, outcome: 'refused', because: 'proof' });
    bench.reader.reboot();
    expect([taken, bench.reader.activities.gathered[0]?.attended]).toEqual([3_584, 1]);
    expect(bench.reader.tap(checkIn(0, LESSON))).toHaveProperty('logged');
    expect(bench.reader.activities.close()).toHaveProperty('logged');
  });
});

type Act =
  | { readonly act: 'tap'; readonly band: number; readonly because: Because | undefined }
  | { readonly act: 'open' | 'close' | 'reboot' | 'ack' }
  | { readonly act: 'cut'; readonly bytes: number };

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('tap' as const),
      band: fc.nat(8),
      because: fc.constantFrom<Because | undefined>(undefined, undefined, 'again', 'proof', 'unknown'),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ act: 'open' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'close' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'reboot' as const }) },
  { weight: 2, arbitrary: fc.constant({ act: 'ack' as const }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('cut' as const), bytes: fc.nat(9_000) }) },
);

describe('the roster of an activity', () => {
  it('is that of the log and of what feedback said, wherever the power failed meanwhile', () => {
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 60 }), (history) => {
        const bench = openBench({ slots: 64 });
        const { flash } = bench.device;
        const leftOut = new Set<number>();
        const perform = (one: Act): void => {
          const { reader } = bench;
          if (one.act === 'open') reader.activities.begin(wanted(5));
          if (one.act === 'close') reader.activities.close();
          if (one.act === 'reboot') reader.reboot();
          if (one.act === 'ack') bench.acknowledge(reader.status(0).head);
          if (one.act === 'cut') flash.cutAfter(one.bytes);
          if (one.act !== 'tap') return;
          const { band, because } = one;
          const result = reader.tap(checkIn(band));
          if (!('logged' in result)) return;
          bench.introduce();
          reader.feedback({ seq: result.logged, outcome: 'refused', because });
          if (because === 'proof' || because === 'unknown') leftOut.add(result.logged);
        };
        for (const one of [...history, { act: 'close' } as const]) {
          try {
            perform(one);
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            flash.powerUp();
            bench.reader.reboot();
          }
        }
        flash.powerUp();
        bench.reader.reboot();
        bench.reader.activities.close();
        expect(bench.reader.activities.gathered).toEqual([]);
        for (const record of bench.records(bench.reader.identity().oldest).map(decodeRecord)) {
          if (record.kind !== KIND.activity) continue;
          const step = readActivity(record.body);
          if (step.phase === 'closed' && isWhole(bench, step)) {
            expect(rosterIn(step)).toEqual(expected(bench, step, leftOut));
            expect(step.attended).toBeLessThanOrEqual(5);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Whether the log still has it from its beginning: one that ended is overwritten like anything else. */
function isWhole(bench: Bench, { activity }: Activity): boolean {
  return bench.decoded(bench.reader.identity().oldest).some(({ kind, body }) => {
    if (kind !== KIND.activity) return false;
    const step = readActivity(body);
    return step.phase === 'opened' && toHex(step.activity) === toHex(activity);
  });
}
