import { ManualTimers } from '@timeband/protocol/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { StoreFault } from '../store/index.js';
import { CatchUp, type Derived } from './catch-up.js';
import { CounterSet } from './counters.js';

/** Takes a while for each event, as a disk does. */
class Book implements Derived {
  largest = 0;
  steps = 0;
  fault: Error | undefined;

  constructor(
    public behind: number,
    private readonly perEventMs: number,
  ) {}

  advance(most: number): void {
    if (this.fault !== undefined) throw this.fault;
    const taken = Math.min(most, this.behind);
    const until = performance.now() + taken * this.perEventMs;
    while (performance.now() < until);
    this.steps++;
    this.largest = Math.max(this.largest, taken);
    this.behind -= taken;
  }
}

function open(...books: Book[]) {
  const timers = new ManualTimers();
  const counters = new CounterSet();
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push((JSON.parse(line) as { msg: string }).msg) });
  let done = 0;
  const catchUp = new CatchUp({ books, timers, log, counters });
  const start = (): void => {
    catchUp.start(() => done++);
  };
  return { catchUp, timers, counters, lines, start, done: () => done };
}

describe('books that are behind', () => {
  it('are up to date at once where little is missing, and say nothing where nothing is', () => {
    const up = open(new Book(0, 1));
    up.start();
    expect([up.done(), up.lines]).toEqual([1, []]);
    const little = open(new Book(300, 0.01));
    little.start();
    expect(little.done()).toBe(1);
  });

  it('are brought up to date one after another, in steps that leave time for others, and say how far they are', async () => {
    const [ledger, matters] = [new Book(3_000, 0.05), new Book(1_000, 0.02)];
    const { catchUp, timers, lines, start, done } = open(ledger, matters);
    start();
    expect(done()).toBe(0);
    expect(ledger.behind).toBeGreaterThan(0);
    expect(matters.steps).toBe(0);
    await timers.run(1_000);
    expect(done()).toBe(1);
    expect(catchUp.report()).toEqual({ behind: 0 });
    expect(ledger.largest * 0.05).toBeLessThan(50);
    expect(lines).toContain('the books are up to date');
  });

  it('that cannot go on stop nobody and say why; a disk that takes nothing is tried again', async () => {
    const book = new Book(5_000, 0.05);
    const { catchUp, timers, counters, lines, start, done } = open(book);
    start();
    book.fault = new StoreFault('store/full', new Error('no room'));
    await timers.run(1_000);
    expect(catchUp.report()).toMatchObject({
      behind: book.behind,
      problem: expect.stringContaining('no room') as string,
    });
    book.fault = new Error('an event that is none');
    await timers.run(10_000);
    expect(lines.filter((line) => line.startsWith('ALARM'))).toHaveLength(1);
    expect(catchUp.report()).toMatchObject({ problem: 'an event that is none' });
    expect(counters.total('catch-up-failed')).toBeGreaterThanOrEqual(2);
    expect(done()).toBe(0);
  });

  it('are let be when the gateway ends', async () => {
    const book = new Book(5_000, 0.05);
    const { catchUp, timers, start, done } = open(book);
    start();
    const { behind } = book;
    catchUp.close();
    await timers.run(10_000);
    expect([book.behind, done()]).toEqual([behind, 0]);
  });
});
