import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store, StoreError } from './index.js';
import { MIGRATIONS } from './schema.js';

describe('the store', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(dir, 'gateway.db');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('can be read by its owner only', () => {
    new Store(file).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is one process’s at a time', () => {
    const store = new Store(file);
    expect(() => new Store(file)).toThrow(/in use by a gateway/);
    store.close();
    new Store(file).close();
  });

  it('is not opened when a newer program wrote it, or when it is no database', () => {
    const newer = new Database(file);
    newer.pragma('user_version = 99');
    newer.close();
    expect(() => new Store(file)).toThrow(StoreError);
    expect(() => new Store(join(dir))).toThrow();
  });

  it('brings a file of an earlier version up to date, and keeps what is in it', () => {
    const earlier = new Database(file);
    const [first = ''] = MIGRATIONS;
    earlier.exec(first);
    earlier.pragma('user_version = 1');
    earlier.exec(`INSERT INTO visit VALUES ('tag-04', 101, 1, 2)`);
    earlier.close();
    const store = new Store(file);
    expect(store.visits.all()).toEqual([{ band: 'tag-04', service: 101, time: { earliest: 1, latest: 2 } }]);
    expect(store.evidence.counters('tag-04', 7)).toEqual({ below: undefined, above: undefined });
    store.close();
    new Store(file).close();
  });

  it('keeps of one device’s rubbish only so much', () => {
    const store = new Store(file);
    const keep = (at: number, device: string, bytes: Uint8Array): boolean =>
      store.quarantine.keep({ at, device, code: 'cbor/float', message: 'a float', bytes });
    let kept = 0;
    store.transaction(() => {
      for (let i = 0; i < 1_100; i++) {
        if (keep(1, 'bad', Uint8Array.of(i >> 8, i))) kept++;
      }
    });
    expect(kept).toBe(1_000);
    expect(keep(1, 'other', new Uint8Array(8))).toBe(true);
    expect(keep(2, 'other', new Uint8Array(8))).toBe(false);
    expect(store.totals().quarantined).toBe(1_001);
    store.close();
  });

  it('remembers how far each subscriber has confirmed', () => {
    const store = new Store(file);
    store.cursors.save([{ clientId: 'a', account: 'x', cursor: 7 }]);
    store.cursors.save([{ clientId: 'a', account: 'x', cursor: 9 }]);
    store.close();
    const again = new Store(file);
    expect(again.cursors.load('a', 'x')).toBe(9);
    expect(again.cursors.load('a', 'y')).toBeUndefined();
    again.cursors.remove('a', 'x');
    expect(again.cursors.load('a', 'x')).toBeUndefined();
    again.close();
  });
});
