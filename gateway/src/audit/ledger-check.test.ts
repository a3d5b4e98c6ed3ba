import { KIND, requestBody } from '@timeband/protocol';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Community } from '../ledger/community.test.support.js';
import type { AuditContext } from './context.js';
import { Findings } from './findings.js';
import { LedgerCheck } from './ledger-check.js';

describe('a check of the ledger', () => {
  let community: Community;
  beforeEach(() => {
    community = new Community();
    community.aDay();
    const request = { request: new Uint8Array(16), category: 4, urgency: 'soon', level: 'grid' } as const;
    community.publish('e', {
      minute: 500,
      kind: KIND.request,
      body: requestBody({ ...request, phase: 'open' }),
    });
  });
  afterEach(() => {
    community.close();
  });

  function check(between: () => void = () => undefined) {
    const { store } = community;
    const findings = new Findings();
    const context: Pick<AuditContext, 'store' | 'head' | 'findings' | 'gateway'> = {
      gateway: 'gw-1',
      store,
      findings,
      head: store.lastCommit()?.last ?? 0,
    };
    const work = new LedgerCheck(context).run();
    work.next();
    between();
    while (work.next().done !== true);
    return findings.byCode;
  }
  const plant = (sql: string): void => {
    community.store.close();
    const db = new Database(community.file);
    db.exec(sql);
    db.close();
    community.restart();
  };

  it('finds nothing where every minute follows from a record', () => {
    expect(check()).toEqual({});
  });

  it('goes by the moment that it began, while others go on', () => {
    expect(
      check(() => {
        community.aDay();
      }),
    ).toEqual({});
  });

  it.each([
    [
      'an hour that only somebody with the disk wrote',
      `INSERT INTO ledger_entry (event, debit, credit, minutes, rules, catalogue, reverses)
        SELECT 5, debit, credit, 60, 0, 0, 0 FROM ledger_entry LIMIT 1; UPDATE ledger_account SET balance = balance + 60 WHERE name = 'wang'`,
      ['ledger/entry', 'ledger/balance'],
    ],
    ['a balance', `UPDATE ledger_account SET balance = balance + 60 WHERE name = 'wang'`, ['ledger/balance']],
    [
      'the minutes of an entry',
      'UPDATE ledger_entry SET minutes = minutes + 15 WHERE id = 1',
      ['ledger/entry'],
    ],
    [
      'whose an entry is',
      'UPDATE ledger_entry SET credit = debit, debit = credit WHERE id = 1',
      ['ledger/entry'],
    ],
    [
      'an entry that is gone',
      'DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry)',
      ['ledger/entry'],
    ],
    ['rules that nobody signed', 'UPDATE ledger_entry SET rules = 9 WHERE id = 2', ['ledger/entry']],
    ['a matter that nobody confirmed', 'UPDATE course SET ended = began + 60', ['matter/altered']],
    ['a matter that is gone', 'DELETE FROM course', ['matter/altered']],
    ['a ledger that does not go on', 'UPDATE ledger_progress SET event = event - 1', ['ledger/behind']],
  ])('finds %s', (_, sql, codes) => {
    plant(sql);
    expect(Object.keys(check())).toEqual(expect.arrayContaining(codes));
  });
});
