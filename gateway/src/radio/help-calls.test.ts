import type { HelpHeard } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { HelpCalls } from './help-calls.js';

const SAYS = { full: false, battery: 80, waiting: 1, rssi: -60 } as const;

function listen() {
  const timers = new ManualTimers();
  const announced: HelpHeard[] = [];
  const calls = new HelpCalls({
    timers,
    wallClock: () => 1_800_000_000.9,
    announce: (call) => announced.push(call),
  });
  const hear = (device: string, help: boolean): void => {
    calls.heard([{ ...SAYS, device, help }]);
  };
  return { timers, announced, hear };
}

describe('a call for help in the air', () => {
  it('is announced with the band, when it was heard, and how near it is', () => {
    const { announced, hear } = listen();
    hear('band-1', false);
    hear('band-1', true);
    expect(announced).toEqual([{ device: 'band-1', at: 1_800_000_000, rssi: -60, battery: 80 }]);
  });

  it('is announced once while it goes on, and again after a minute in which nobody fetched it', async () => {
    const { timers, announced, hear } = listen();
    for (let i = 0; i < 10; i++) hear('band-1', true);
    expect(announced).toHaveLength(1);
    await timers.run(60_000);
    hear('band-1', true);
    expect(announced).toHaveLength(2);
  });

  it('is a new one after it was answered, and another band’s is always its own', () => {
    const { announced, hear } = listen();
    hear('band-1', true);
    hear('band-1', false);
    hear('band-1', true);
    hear('band-2', true);
    expect(announced.map(({ device }) => device)).toEqual(['band-1', 'band-1', 'band-2']);
  });

  it('gives a battery that lies about itself no more than it can have', () => {
    const { announced } = listen();
    const calls = new HelpCalls({
      timers: new ManualTimers(),
      wallClock: () => 0,
      announce: (call) => announced.push(call),
    });
    calls.heard([{ ...SAYS, device: 'band-1', help: true, battery: 255 }]);
    expect(announced[0]?.battery).toBe(100);
  });
});
