import { describe, expect, it } from 'vitest';
import { call, COMMAND, encodeFrame, SmpClient, type Timers } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { Bench } from '../test-support/reader.js';
import { memoryLink } from './memory-link.js';
import { lineMs, PacedLine, splitLines } from './pacing.js';

describe('a paced line', () => {
  it('delivers bytes when the last of them has left, one after the other', () => {
    const timers = new ManualTimers();
    const arrivals: [number, number][] = [];
    const line = new PacedLine(10_000, timers, (bytes) => arrivals.push([timers.now(), bytes.length]));
    line.push(new Uint8Array(5));
    line.push(new Uint8Array(10));
    timers.advance(4.9);
    expect(arrivals).toEqual([]);
    timers.advance(100);
    line.push(new Uint8Array(1));
    timers.advance(100);
    expect(arrivals).toEqual([
      [5, 5],
      [15, 10],
      [105.9, 1],
    ]);
  });

  it('does not add up the delays of late timers', () => {
    const manual = new ManualTimers();
    const late: Timers = { now: manual.now, after: (ms, action) => manual.after(Math.ceil(ms) + 1, action) };
    let last = 0;
    const line = new PacedLine(115_200, late, () => (last = manual.now()));
    for (let i = 0; i < 100; i++) line.push(new Uint8Array(127));
    manual.advance(2_000);
    expect(last).toBeGreaterThanOrEqual(lineMs(12_700, 115_200));
    expect(last).toBeLessThan(lineMs(12_700, 115_200) + 2.01);
  });

  it('loses bytes rather than holding more than a bounded number', () => {
    const timers = new ManualTimers();
    let delivered = 0;
    const line = new PacedLine(115_200, timers, (bytes) => (delivered += bytes.length));
    for (let i = 0; i < 100; i++) line.push(new Uint8Array(1_000));
    timers.advance(60_000);
    expect(delivered + line.dropped).toBe(100_000);
    expect(delivered).toBeLessThanOrEqual(65_536);
    expect(delivered).toBeGreaterThan(60_000);
  });

  it('is cut into the lines of a frame', () => {
    const frame = encodeFrame(new Uint8Array(200));
    const lines = splitLines(frame);
    expect(lines.map((line) => line.at(-1))).toEqual([0x0a, 0x0a, 0x0a]);
    expect(Buffer.concat(lines)).toEqual(Buffer.from(frame));
  });
});

describe('a link in memory', () => {
  it('takes the time that the frames of request and answer need at the baud rate', async () => {
    const bench = new Bench();
    const client = new SmpClient(memoryLink(bench.device, { baud: 115_200 }), { timers: bench.timers });
    let answered: number | undefined;
    const status = call(client, COMMAND.status, { seen: 9 }).then(() => (answered = bench.timers.now()));
    // 8-byte headers; bodies {1: 9} and {1: head, 2: sealed, 3: boot}
    const expected = lineMs(
      encodeFrame(new Uint8Array(11)).length + encodeFrame(new Uint8Array(15)).length,
      115_200,
    );
    bench.timers.advance(expected + 0.001);
    await status;
    expect(answered).toBeCloseTo(expected, 1);
  });

  it('tells both ends when the cable is pulled, once', async () => {
    const bench = new Bench();
    const link = memoryLink(bench.device);
    const reasons: (Error | undefined)[] = [];
    const client = new SmpClient(link, { timers: bench.timers, onClosed: (reason) => reasons.push(reason) });
    const nonce = await call(client, COMMAND.clockNonce, undefined);
    link.unplug();
    await link.close();
    expect(reasons).toHaveLength(1);
    expect(reasons[0]?.message).toMatch(/cable/);
    expect(bench.reader.clockNonce()).not.toEqual(nonce);
    await expect(call(client, COMMAND.clockNonce, undefined)).rejects.toMatchObject({ code: 'link/closed' });
  });
});
