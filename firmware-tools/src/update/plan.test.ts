import { describe, expect, it } from 'vitest';
import type { ImageState } from '@timeband/protocol';
import { nextStep } from './plan.js';
import { RateMeter } from './rate.js';

const OLD = Uint8Array.of(1);
const NEW = Uint8Array.of(2);
const OTHER = Uint8Array.of(3);
const wanted = { hash: NEW, version: '2.0.0' };

function state(slot: number, hash: Uint8Array | undefined, ...flags: (keyof ImageState)[]): ImageState {
  const none = { bootable: true, pending: false, confirmed: false, active: false, permanent: false };
  const set = Object.fromEntries(flags.map((flag) => [flag, true]));
  return { image: 0, slot, version: hash === NEW ? '2.0.0' : '1.0.0', hash, ...none, ...set };
}

const running = state(0, OLD, 'active', 'confirmed');

describe('the next step', () => {
  it.each([
    ['upload', [running]],
    ['upload', [running, state(1, OTHER)]],
    ['try', [running, state(1, NEW)]],
    ['restart', [running, state(1, NEW, 'pending')]],
    ['settle', [running, state(1, OTHER, 'pending')]],
    ['settle', [state(0, OTHER, 'active'), state(1, OLD, 'confirmed')]],
    ['confirm', [state(0, NEW, 'active'), state(1, OLD, 'confirmed')]],
    ['done', [state(0, NEW, 'active', 'confirmed'), state(1, OLD)]],
    ['upload', []],
  ] as const)('is to %s', (step, states) => {
    expect(nextStep(states, wanted, false)).toBe(step);
  });

  it('in a bootloader is to fill the first slot, by version where it tells no hash', () => {
    expect(nextStep([], wanted, true)).toBe('upload');
    expect(nextStep([state(0, OLD), state(1, NEW)], wanted, true)).toBe('upload');
    expect(nextStep([state(0, NEW)], wanted, true)).toBe('leave');
    expect(nextStep([{ ...state(0, undefined), version: '2.0.0' }], wanted, true)).toBe('leave');
  });
});

describe('a rate', () => {
  it('is known after two looks, follows what is measured, and tells the time left', () => {
    const meter = new RateMeter();
    meter.measured(0, 0);
    expect(meter.timeLeft(0, 1_000)).toBeUndefined();
    for (let second = 1; second <= 20; second++) meter.measured(second * 1_000, second * 500);
    expect(meter.bytesPerSecond).toBeCloseTo(500);
    expect(meter.timeLeft(10_000, 11_000)).toBeCloseTo(2);
  });
});
