/** What a gateway costs that has nothing to do but poll three readers 20 times a second. Linux only: it reads /proc. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Centre } from '../support/centre.js';
import { type Bench, figuresOf } from './figure.js';

const SETTLE_MS = 5_000;
const WATCH_MS = 30_000;

/** Processor seconds a process has used so far (proc(5), fields 14 and 15 of stat). */
export function cpuSeconds(pid: number): number {
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

export function rssMegabytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1_024;
}

export const idle: Bench = {
  name: 'idle',
  about: 'memory and processor of an idle gateway with three readers polled at 20 Hz',
  run: async ({ say, scale }) => {
    const centre = await Centre.create();
    try {
      for (let i = 1; i <= 3; i++) await centre.startReader(`reader-${i}`, ['--rate', '0']);
      const started = performance.now();
      const { child } = await centre.startGateway();
      const readyMs = performance.now() - started;
      const client = await centre.subscribe();
      await client.mqtt.endAsync();
      await pause(SETTLE_MS);
      say('watching an idle gateway');
      const before = { at: performance.now(), cpu: cpuSeconds(child.pid) };
      await pause(WATCH_MS * Math.min(1, scale));
      const seconds = (performance.now() - before.at) / 1_000;
      const figure = figuresOf('idle');
      return [
        figure('rss_mb', rssMegabytes(child.pid), 'MB', { atMost: 120 }),
        figure('cpu_percent', ((cpuSeconds(child.pid) - before.cpu) / seconds) * 100, '%', { atMost: 4 }),
        figure('ready_ms', readyMs, 'ms', { atMost: 1_500 }),
      ];
    } finally {
      await centre.close();
    }
  },
};
