import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase, type Sqlite } from './database.js';
import { Transactions } from './transactions.js';

describe('transactions', () => {
  let dir: string;
  let db: Sqlite;
  let transactions: Transactions;
  beforeEach(() => {
    vi.useFakeTimers();
    dir = mkdtempSync(join(tmpdir(), 'transactions-'));
    db = openDatabase(join(dir, 'gateway.db'));
    db.exec('CREATE TABLE page (bytes BLOB)');
    transactions = new Transactions(db);
  });
  afterEach(() => {
    transactions.close();
    if (db.open) db.close();
    rmSync(dir, { recursive: true });
    vi.useRealTimers();
  });

  const write = (pages: number): void => {
    transactions.run(() => {
      for (let i = 0; i < pages; i++) db.prepare('INSERT INTO page VALUES (zeroblob(4096))').run();
    });
  };
  const inLog = (): { log: number; checkpointed: number } =>
    db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)').get() ?? {
      log: 0,
      checkpointed: 0,
    };

  it('leave what they wrote in the log until a turn of the loop of its own', () => {
    write(1_000);
    expect(inLog()).toMatchObject({ checkpointed: 0 });
    vi.runAllTimers();
    const { log, checkpointed } = inLog();
    expect(log).toBeGreaterThanOrEqual(1_000);
    expect(checkpointed).toBe(log);
  });

  it('begin the log anew when all of it is in the database', () => {
    write(1_000);
    vi.runAllTimers();
    write(1);
    expect(inLog().log).toBeLessThan(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not let it grow where the loop never turns', () => {
    for (let i = 0; i < 100; i++) write(500);
    expect(inLog().log).toBeLessThan(6_000);
  });

  it('are stored when what would come after them fails', () => {
    write(1_000);
    const pragma = vi.spyOn(db, 'pragma').mockImplementation(() => {
      throw new Error('disk I/O error');
    });
    vi.runAllTimers();
    expect(pragma).toHaveBeenCalledOnce();
    pragma.mockRestore();
    write(1);
    vi.runAllTimers();
    expect(inLog().checkpointed).toBeGreaterThanOrEqual(1_000);
  });

  it('leave a database that was closed alone', () => {
    write(1_000);
    transactions.close();
    db.close();
    expect(() => vi.runAllTimers()).not.toThrow();
  });
});
