import { describe, expect, it } from 'vitest';
import { GatewayClock, stepBetween, type GatewayClockState } from './gateway-clock.js';

const FLOOR = 1_750_000_000;

/** A machine whose clocks the test sets, and what is noticed of it. */
class Machine {
  wall = FLOOR + 1_000;
  monotonic = 10;
  readonly changes: GatewayClockState['state'][] = [];
  readonly clock = new GatewayClock({
    wall: () => this.wall,
    monotonic: () => this.monotonic,
    floor: FLOOR,
    changed: ({ state }) => this.changes.push(state),
  });

  pass(seconds: number): this {
    this.wall += seconds;
    this.monotonic += seconds;
    return this;
  }
}

describe('the clock of a gateway', () => {
  it('is trusted while both clocks run on together', () => {
    const machine = new Machine();
    expect([machine.clock.look(), machine.pass(86_400).clock.look()].map(({ state }) => state)).toEqual([
      'trusted',
      'trusted',
    ]);
    expect(machine.changes).toEqual([]);
  });

  it('is unset before its own certificate begins, and gives no time', () => {
    const machine = new Machine();
    machine.wall = 1_000;
    expect(machine.clock.look().state).toBe('unset');
    expect(machine.clock.now()).toBeUndefined();
  });

  it('is trusted once the network has set it, which is no step', () => {
    const machine = new Machine();
    machine.wall = 1_000;
    machine.clock.look();
    machine.wall = FLOOR + 5;
    expect(machine.clock.look().state).toBe('trusted');
    expect(machine.clock.now()).toBe(FLOOR + 5);
    expect(machine.changes).toEqual(['unset', 'trusted']);
  });

  it.each([-3, 3, 3_600])('says that it was stepped by %d s, and is trusted at the next look', (by) => {
    const machine = new Machine();
    machine.clock.look();
    machine.pass(10).wall += by;
    expect(machine.clock.look()).toMatchObject({ state: 'stepped', by });
    expect(machine.clock.look().state).toBe('trusted');
  });

  it('takes slewing by up to two seconds for no step', () => {
    const machine = new Machine();
    machine.clock.look();
    machine.pass(100).wall += 2;
    expect(machine.clock.look().state).toBe('trusted');
  });

  it('is unset again when it falls below the floor', () => {
    const machine = new Machine();
    machine.clock.look();
    machine.wall = 0;
    expect(machine.clock.look().state).toBe('unset');
    expect(machine.changes).toEqual(['unset']);
  });

  it('shows a step between the beginning and the end of an exchange', () => {
    const asked = { wall: 100, monotonic: 5 };
    expect(stepBetween(asked, { wall: 101, monotonic: 6 })).toBe(0);
    expect(stepBetween(asked, { wall: 41, monotonic: 6 })).toBe(-60);
  });
});
