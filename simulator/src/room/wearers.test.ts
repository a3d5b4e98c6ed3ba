import { KIND, PrivateKey } from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import type { WristbandEvent } from '../band/wristband.js';
import { standingAt } from '../radio/air/signal.js';
import { RadioSimulation } from '../radio/simulation.js';
import type { Wearer } from './wearer.js';
import { type Rates, Wearers, type WearersOptions } from './wearers.js';

const ISSUER = PrivateKey.generate();
const NO_RATES: Rates = { presses: 0, visits: 0, helpCalls: 0 };

/** A room with nobody who listens, and what its bands did. */
class Room {
  readonly simulation = new RadioSimulation();
  readonly events: { readonly band: string; readonly event: WristbandEvent; readonly at: number }[] = [];
  readonly wearers: Wearers;

  constructor(bands: number, options: Partial<WearersOptions> = {}) {
    this.wearers = new Wearers(this.simulation, {
      ...{ site: 'dahaiyang', issuerKey: ISSUER, seed: '1', bands: { from: 0, to: bands - 1 } },
      ...options,
      observe: (band, event) => this.events.push({ band, event, at: this.simulation.clock.now() }),
    });
  }

  wearer(number: number): Wearer {
    const wearer = this.wearers.find(number);
    if (wearer === undefined) throw new Error(`no band ${number}`);
    return wearer;
  }

  /** When records of a kind were logged. */
  logged(kind: number): number[] {
    return this.events.flatMap(({ event, at }) =>
      event.event === 'logged' && event.kind === kind ? [at] : [],
    );
  }

  get atCentre(): number[] {
    return this.wearers.everybody
      .filter(({ whereabouts }) => whereabouts.isAtCentre)
      .map(({ number }) => number);
  }

  /** dBm at the centre. */
  strength(number: number): number {
    return this.simulation.air.strength(this.wearer(number).inAir, standingAt(0, 0));
  }

  run(seconds: number): Promise<void> {
    return this.simulation.clock.run(seconds * 1_000);
  }
}

describe('two who visit', () => {
  it('leave the centre, and come back with a record each once it was attested', async () => {
    const room = new Room(4);
    const visit = room.wearers.visit(room.wearer(0), room.wearer(1));
    expect(visit.begin(401)).toBe(true);
    await room.run(10);
    expect(room.atCentre).toEqual([2, 3]);
    for (const number of [0, 1]) expect(room.strength(number)).toBeLessThan(-110);
    expect(room.logged(KIND.attest)).toEqual([]);
    await room.run(600);
    expect(visit.end(5)).toBe(true);
    await room.run(10);
    expect(room.atCentre).toEqual([0, 1, 2, 3]);
    expect(room.logged(KIND.attest)).toHaveLength(2);
  });

  it('begin no second visit before the first is over, and end none that has not begun', async () => {
    const room = new Room(2);
    const visit = room.wearers.visit(room.wearer(0), room.wearer(1));
    expect(visit.end()).toBe(false);
    visit.begin(401);
    expect(visit.begin(401)).toBe(false);
    await room.run(10);
    expect(visit.begin(401)).toBe(false);
    expect(visit.end()).toBe(true);
  });

  it('come back when the visit could not begin', async () => {
    const room = new Room(2);
    room.wearer(1).inAir.misbehave({
      description: 'takes no connection',
      create: () => ({ onJoin: () => 'ignore' }),
    });
    room.wearers.visit(room.wearer(0), room.wearer(1)).begin(401);
    await room.run(5);
    expect(room.atCentre).toEqual([]);
    await room.run(15);
    expect(room.atCentre).toEqual([0, 1]);
    expect(room.events.at(-1)?.event).toMatchObject({ event: 'visit', outcome: { outcome: 'failed' } });
  });

  it('are told to come back in the middle, and can end the visit later all the same', async () => {
    const room = new Room(2);
    const visit = room.wearers.visit(room.wearer(0), room.wearer(1));
    visit.begin(401);
    await room.run(10);
    room.wearers.stop();
    expect(room.atCentre).toEqual([0, 1]);
    expect(visit.end()).toBe(true);
    await room.run(10);
    expect(room.logged(KIND.attest)).toHaveLength(2);
    expect(room.atCentre).toEqual([0, 1]);
  });
});

describe('wearers', () => {
  it('do as much a minute as they are told, the same again for the same seed, until they are stopped', async () => {
    const lives = [new Room(4), new Room(4)];
    for (const room of lives) {
      room.wearers.start({ ...NO_RATES, helpCalls: 6 });
      await room.run(600);
    }
    const [calls = [], again] = lives.map((room) => room.logged(KIND.request));
    expect(calls.length).toBeGreaterThan(40);
    expect(calls.length).toBeLessThan(80);
    expect(again).toEqual(calls);
    lives[0]?.wearers.stop();
    await lives[0]?.run(600);
    expect(lives[0]?.logged(KIND.request)).toHaveLength(calls.length);
  });

  it('press and visit by themselves, and are quiet once nobody waits for an answer', async () => {
    const room = new Room(6);
    room.wearers.start({ presses: 60, visits: 20, helpCalls: 0 });
    await room.run(120);
    expect(room.logged(KIND.attest).length).toBeGreaterThan(2);
    expect(room.wearers.everybody.some(({ wristband }) => wristband.button.isPressed)).toBe(true);
    let quietAt: number | undefined;
    room.wearers.stop();
    room.wearers.whenQuiet(() => {
      quietAt = room.simulation.clock.now();
    });
    expect(quietAt).toBeUndefined();
    await room.run(20);
    expect(quietAt).toBeGreaterThan(120_000);
    expect(room.atCentre).toEqual([0, 1, 2, 3, 4, 5]);
    expect(room.wearers.everybody.some(({ wristband }) => wristband.button.isPressed)).toBe(false);
  });

  it('bring visits of the time before, half of which are over', async () => {
    const room = new Room(4);
    await room.wearers.liveThrough(60);
    expect(room.simulation.clock.now()).toBe(3_600_000);
    const logged = room.logged(KIND.attest);
    expect(logged).toHaveLength(2);
    for (const at of logged) expect(at).toBeLessThan(3_600_000);
    expect(room.atCentre).toEqual([0, 1]);
  });

  it('walk out of reach and back when they come and go', () => {
    const { whereabouts } = new Room(1, { comeAndGo: true }).wearer(0);
    const places = Array.from({ length: 200 }, (_, second) => whereabouts.path(second * 1_000).x);
    expect(Math.min(...places)).toBeLessThan(10);
    expect(Math.max(...places)).toBeGreaterThan(80);
  });
});
