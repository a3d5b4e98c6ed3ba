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
});
