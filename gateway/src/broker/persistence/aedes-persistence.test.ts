/** The suite that comes with aedes-persistence, all of it, over tables of ours. */
import assert from 'node:assert';
import abstractPersistence from 'aedes-persistence/abstract.js';
import { systemTimers } from '@timeband/protocol';
import { describe, it } from 'vitest';
import { memoryTables } from '../broker.test.support.js';
import { GroupCommit } from '../queue/group-commit.js';
import { AedesPersistence } from './aedes-persistence.js';
import { Incoming } from './incoming.js';
import { RetainedMessages } from './retained.js';
import { SessionStore } from './session-store.js';
import { Wills } from './wills.js';

function openPersistence(): AedesPersistence {
  const tables = memoryTables();
  const failed = (error: Error) => {
    throw error;
  };
  const commits = new GroupCommit(
    (work) => {
      tables.transaction(work);
    },
    systemTimers,
    failed,
  );
  const limits = { messages: 10_000, bytes: 10_000_000 };
  const sessions = new SessionStore({
    tables,
    commits,
    limits,
    dropped: () => undefined,
    wallClock: () => 0,
  });
  const retained = new RetainedMessages(tables, 10_000);
  const [incoming, wills] = [new Incoming(tables), new Wills(tables)];
  return new AedesPersistence({ sessions, retained, incoming, wills, commits, live: () => undefined });
}

describe('the persistence, by the suite of aedes-persistence', () => {
  abstractPersistence({
    testAsync: true,
    persistence: openPersistence,
    // What the suite needs of node:test.
    test: (name, run) => {
      it(name, async () => {
        let [planned, asserted] = [undefined as number | undefined, 0];
        const counting = new Proxy(assert, {
          get: (target, property) => {
            const method = Reflect.get(target, property) as (...values: unknown[]) => void;
            return (...values: unknown[]) => {
              asserted++;
              method(...values);
            };
          },
        });
        await run({
          assert: counting,
          diagnostic: () => undefined,
          plan: (count: number) => {
            planned = count;
          },
        });
        if (planned !== undefined) assert.equal(asserted, planned, 'assertions of the plan');
      });
    },
  });
});
