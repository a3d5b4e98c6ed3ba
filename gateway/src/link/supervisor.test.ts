import { mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Link, LinkError } from '@timeband/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkConfig } from '../config/index.js';
import { ManualTimers } from '@timeband/protocol/testing';
import { type LinkSession, LinkSupervisor } from './supervisor.js';

/** A session that ends when it is told to. */
class FakeSession implements LinkSession {
  state = { state: 'following' };
  end: () => void = () => undefined;
  run(): Promise<void> {
    return new Promise((resolve) => (this.end = resolve));
  }
  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }
}

const link: LinkConfig = { glob: '/dev/test/*', baudRate: 115_200 };
const fakeLink = (name: string): Link => ({
  name,
  start: () => undefined,
  send: () => undefined,
  close: () => Promise.resolve(),
});

describe('link supervisor', () => {
  let timers: ManualTimers;
  let plugged: Set<string>;
  let sessions: FakeSession[];
  let refuse: boolean;
  let opened: string[];
  let supervisor: LinkSupervisor<Link>;

  beforeEach(async () => {
    timers = new ManualTimers();
    plugged = new Set(['/dev/test/a']);
    sessions = [];
    opened = [];
    refuse = false;
    supervisor = new LinkSupervisor({
      links: [link],
      timers,
      log: pino({ level: 'silent' }),
      find: () => Promise.resolve([...plugged].map((path) => ({ path, baudRate: 115_200 }))),
      open: ({ path }) => {
        opened.push(path);
        return refuse || !plugged.has(path)
          ? Promise.reject(new LinkError('link/open', 'permission denied'))
          : Promise.resolve(fakeLink(path));
      },
      session: () => {
        const session = new FakeSession();
        sessions.push(session);
        return session;
      },
    });
    await supervisor.start();
    await timers.run(0);
  });
  afterEach(() => supervisor.close());

  it('opens a reader that is there and one that is plugged in later', async () => {
    expect(opened).toEqual(['/dev/test/a']);
    plugged.add('/dev/test/b');
    await timers.run(1_000);
    expect(opened).toEqual(['/dev/test/a', '/dev/test/b']);
  });

  it('opens a reader again after its link ended, and leaves the others alone', async () => {
    plugged.add('/dev/test/b');
    await timers.run(1_000);
    sessions[0]?.end();
    await timers.run(1_000);
    expect(opened).toEqual(['/dev/test/a', '/dev/test/b', '/dev/test/a']);
    expect(supervisor.report().every(({ connected }) => connected)).toBe(true);
  });

  it('finds a reader again that was unplugged and came back', async () => {
    plugged.clear();
    sessions[0]?.end();
    await timers.run(2_000);
    expect(supervisor.report()).toEqual([]);
    plugged.add('/dev/test/a');
    await timers.run(1_000);
    expect(supervisor.report()).toMatchObject([{ path: '/dev/test/a', connected: true }]);
  });

  it('goes on trying a port that cannot be opened, ever more slowly, and says why', async () => {
    refuse = true;
    sessions[0]?.end();
    await timers.run(60_000);
    const tries = opened.length;
    expect(tries).toBeGreaterThan(6);
    expect(tries).toBeLessThan(30);
    expect(supervisor.report()[0]).toMatchObject({ connected: false, problem: 'permission denied' });
    refuse = false;
    await timers.run(8_000);
    expect(supervisor.report()[0]).toMatchObject({ connected: true });
  });

  it('opens a device once though the link that led to another one leads to it now', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-links-'));
    const path = join(dir, 'reader');
    for (const name of ['first', 'second']) writeFileSync(join(dir, name), '');
    symlinkSync(join(dir, 'first'), path);
    plugged.add(path);
    await timers.run(1_000);
    unlinkSync(path);
    symlinkSync(join(dir, 'second'), path);
    sessions.at(-1)?.end();
    await timers.run(20_000);
    expect(supervisor.report().filter((report) => report.path === path)).toMatchObject([{ connected: true }]);
    expect(opened.filter((one) => one === path)).toHaveLength(2);
    rmSync(dir, { recursive: true });
  });

  it('leaves alone what is no reader, though a pattern names it', async () => {
    const radio = new LinkSupervisor({
      ...{ links: [link], except: ['/dev/test/radio'], timers, log: pino({ level: 'silent' }) },
      find: () => Promise.resolve(['a', 'radio'].map((name) => ({ path: `/dev/test/${name}`, baudRate: 1 }))),
      open: ({ path }) => Promise.resolve(fakeLink(path)),
      session: () => new FakeSession(),
    });
    await radio.start();
    expect(radio.report().map(({ path }) => path)).toEqual(['/dev/test/a']);
    await radio.close();
  });
});
