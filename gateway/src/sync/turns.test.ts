import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

describe('a job that takes turns', () => {
  it('makes one request a turn, and the turn lasts until that is answered', async () => {
    const turns = new Turns();
    const done: number[] = [];
    let answer: () => void = () => undefined;
    turns.start(async () => {
      for (const request of [1, 2]) {
        await turns.mine();
        await new Promise<void>((resolve) => (answer = resolve));
        done.push(request);
      }
    });
    for (const request of [1, 2]) {
      const turn = turns.next();
      await Promise.resolve();
      expect(done).toHaveLength(request - 1);
      answer();
      expect(await turn).toBe(true);
      expect(done).toHaveLength(request);
    }
    expect(turns.isRunning).toBe(false);
    expect(await turns.next()).toBe(false);
  });

  it('holds nobody up while it wants no request', async () => {
    const turns = new Turns();
    let finish: () => void = () => undefined;
    turns.start(() => new Promise<void>((resolve) => (finish = resolve)));
    expect([turns.isRunning, await turns.next()]).toEqual([true, false]);
    finish();
    await Promise.resolve();
    await Promise.resolve();
    expect(turns.isRunning).toBe(false);
  });

  it('tells its owner when it wants a turn, and when it is over without one', async () => {
    const turns = new Turns();
    const steps: (() => void)[] = [];
    turns.start(async () => {
      await new Promise<void>((resolve) => steps.push(resolve));
      await turns.mine();
      await new Promise<void>((resolve) => steps.push(resolve));
    });
    const wanted = turns.whenWanted();
    steps[0]?.();
    await wanted;
    const turn = turns.next();
    await Promise.resolve();
    steps[1]?.();
    expect(await turn).toBe(true);
    await turns.whenWanted();
    expect(turns.isRunning).toBe(false);
  });
});
