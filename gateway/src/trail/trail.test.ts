/** The trail of a box: what is noted stays in its place, under a signature, or somebody says so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualTimers } from '@timeband/protocol/testing';
import Database from 'better-sqlite3';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../audit/index.js';
import { gateway, gatewayKey, NOW, SITE, trust } from '../events/devices.test.support.js';
import { EventLog } from '../events/index.js';
import { openSnapshot, Store } from '../store/index.js';
import { BROKEN, type Deed, Trail } from './index.js';

const DAY = 86_400;
const deed = (action: string, more: Partial<Deed> = {}): Deed => ({
  ...{
    account: 'office',
    role: 'operator',
    way: 'http',
    action,
    given: '{"account":"wang"}',
    outcome: 'done',
  },
  ...more,
});

describe('the trail', () => {
  let dir: string;
  let file: string;
  let store: Store;
  let trail: Trail;
  let now = NOW;
  let counted: string[] = [];
  const timers = new ManualTimers();

  const open = (days = 1_095): void => {
    store = new Store(file);
    new EventLog(store, gatewayKey, gateway); // which keeps under what certificate is signed
    trail = new Trail({
      ...{
        store,
        site: SITE,
        gateway: gateway.subject,
        credentials: { key: gatewayKey, certificate: gateway },
      },
      ...{ days, now: () => now, timers, log: pino({ level: 'silent' }) },
      counters: { count: (name) => counted.push(name) },
    });
    trail.start();
  };
  const close = (): void => {
    trail.close();
    store.close();
  };
  const tamper = (...statements: readonly string[]): void => {
    const db = new Database(file);
    db.function('flip', (value: unknown) => {
      if (typeof value === 'number') return value + 1_000;
      if (typeof value === 'string') return `${value}x`;
      const copy = Buffer.from(value as Uint8Array);
      copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
      return copy;
    });
    for (const sql of statements) db.exec(sql);
    db.close();
  };
  const found = async (): Promise<readonly string[]> => {
    const snapshot = openSnapshot(file);
    try {
      const { findings } = await reconcile({ store: snapshot.store, site: SITE, trust, hasUplink: false });
      return findings.map(({ code }) => code);
    } finally {
      snapshot.close();
    }
  };
  const note = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) await trail.note(deed(`a-${i}`));
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'trail-'));
    file = join(dir, 'gateway.db');
    [now, counted] = [NOW, []];
    open();
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('tells what was noted, the newest first, of one account or of a span', async () => {
    await Promise.all([trail.note(deed('balance')), trail.note(deed('statement', { account: 'li' }))]);
    now += DAY;
    await trail.note(deed('step', { organisation: 'branch-3', outcome: 'matter/order' }));
    const all = { before: Infinity, from: 0, to: Infinity, limit: 10 };
    expect(trail.find(all).map(({ seq, action, at }) => [seq, action, at])).toEqual([
      [3, 'step', NOW + DAY],
      [2, 'statement', NOW],
      [1, 'balance', NOW],
    ]);
    expect(trail.find({ ...all, account: 'li' }).map(({ seq }) => seq)).toEqual([2]);
    expect(trail.find({ ...all, to: NOW + 1, before: 2 }).map(({ seq }) => seq)).toEqual([1]);
    expect(trail.find(all)[0]).toMatchObject({ organisation: 'branch-3', outcome: 'matter/order' });
    close();
  });

  it('holds over restarts and many heads, of which few are kept', async () => {
    await note(150);
    close();
    open();
    await note(150);
    expect(store.trail.heads()).toHaveLength(2);
    close();
    expect(await found()).toEqual([]);
    expect(counted).toEqual([]);
  });

  it('shows in an audit every column that was changed, what was taken out and what was put in', async () => {
    await note(9);
    close();
    const before = join(dir, 'before.db');
    const db = new Database(file);
    db.exec(`VACUUM INTO '${before}'`);
    db.close();
    const original = file;
    const columns = ['seq', 'previous', 'at', 'account', 'bytes'];
    const attempts = [
      ...columns.flatMap((column) =>
        [1, 5, 9].map((seq) => `UPDATE trail SET ${column} = flip(${column}) WHERE seq = ${seq}`),
      ),
      ...['seq', 'bytes'].map((column) => `UPDATE trail_head SET ${column} = flip(${column})`),
      ...[1, 5, 9].map((seq) => `DELETE FROM trail WHERE seq = ${seq}`),
      'DELETE FROM trail WHERE seq < 5',
      'DELETE FROM trail WHERE seq > 5',
      'DELETE FROM trail',
      'DELETE FROM trail_head',
      'INSERT INTO trail SELECT 10, previous, at, account, bytes FROM trail WHERE seq = 9',
      'INSERT INTO trail SELECT 0, previous, at, account, bytes FROM trail WHERE seq = 1',
    ];
    let n = 0;
    for (const sql of attempts) {
      file = join(dir, `${++n}.db`);
      const copy = new Database(before);
      copy.exec(`VACUUM INTO '${file}'`);
      copy.close();
      tamper(sql);
      expect(await found(), sql).toContainEqual(expect.stringMatching(/^trail\//));
    }
    file = original;
  });

  it('says at a start that what was signed is not what is there, and that stays', async () => {
    await note(5);
    close();
    tamper('UPDATE trail SET bytes = flip(bytes) WHERE seq = 5');
    open();
    await note(1);
    expect(counted).toEqual(['trail/broken']);
    const [, first] = store.trail.after(5, 2).map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
    expect(trail.find({ before: 7, from: 0, to: Infinity, limit: 1 })[0]).toMatchObject({ action: BROKEN });
    expect(first).toContain('a-0');
    close();
    expect(await found()).toContain('trail/head');
  });

  it('forgets what is old enough, says so, and holds all the same', async () => {
    await note(5);
    now += 200 * DAY;
    await note(2);
    close();
    open(180);
    expect(store.trail.oldest()?.seq).toBe(6);
    close();
    expect(await found()).toEqual([]);
    tamper('DELETE FROM trail WHERE seq = 6');
    expect(await found()).toContain('trail/entry');
  });

  it('answers nobody whose deed cannot be stored', async () => {
    await note(1);
    store.close();
    await expect(trail.note(deed('balance'))).rejects.toThrow();
    expect(counted).toEqual(['trail/failed']);
  });
});
