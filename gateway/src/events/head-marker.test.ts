import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualTimers } from '@timeband/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventNumber, StoreError } from '../store/index.js';
import { HeadMarker, type MarkedLog, writeMarker } from './head-marker.js';

const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
/** A log of one epoch that ends at event `head`; event n has a hash of n's unless told otherwise. */
function log(head: number, hashAt: (seq: number) => Uint8Array | undefined = hash): MarkedLog {
  const signature = { protectedBytes: hash(0), signature: hash(0) };
  return {
    lastCommit: () => ({
      ...{ first: 1, last: head, previous: hash(0), head: hash(head), recorded: 0, ...signature },
    }),
    hashAtCommitEnd: hashAt,
    epochs: {
      numberOf: (seq) => ({ epoch: 1, seq }),
      positionOf: ({ epoch, seq }: EventNumber) => (epoch === 1 ? seq : undefined),
    },
  };
}

describe('the head marker', () => {
  let dir: string;
  let file: string;
  let timers: ManualTimers;
  let marker: HeadMarker;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'timeband-head-'));
    file = join(dir, 'head');
    timers = new ManualTimers();
    marker = new HeadMarker(file, timers);
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const marked = (seq: number): HeadMarker => {
    marker.note({ epoch: 1, seq, hash: hash(seq) });
    marker.close();
    return new HeadMarker(file, timers);
  };

  it('has nothing to say about a new box', () => {
    marker.check({ ...log(0), lastCommit: () => undefined });
    marker.close();
    expect(existsSync(file)).toBe(false);
  });

  it('agrees with the log it was written for, and with one that went on', () => {
    const later = marked(7);
    later.check(log(7));
    later.check(log(900));
  });

  it('stops a database that was restored from before the marked event', () => {
    expect(() => {
      marked(7).check(log(6));
    }).toThrow(/ends at event 6/);
  });

  it('stops a database that tells another story under the same number', () => {
    expect(() => {
      marked(7).check(log(9, () => hash(99)));
    }).toThrow(/not the one that was made/);
  });

  it('stops where the marked event does not end a commit any more', () => {
    expect(() => {
      marked(7).check(log(9, () => undefined));
    }).toThrow(StoreError);
  });

  it('stops when it cannot be read, rather than believing the database', () => {
    writeFileSync(file, 'event seven');
    expect(() => {
      marker.check(log(9));
    }).toThrow(/damaged/);
  });

  it('is written once a second under load, with the newest event', async () => {
    for (let seq = 1; seq <= 50; seq++) marker.note({ epoch: 1, seq, hash: hash(seq) });
    expect(existsSync(file)).toBe(false);
    await timers.run(1_000);
    expect(readFileSync(file, 'utf8')).toMatch(/^1 50 /);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('stops a database without the epoch of the marked event', () => {
    writeMarker(file, { epoch: 1_800_000_000, seq: 1, hash: hash(1) });
    expect(() => {
      marker.check(log(900));
    }).toThrow(/event 1 of epoch 1800000000 was made by this gateway, but its database ends at event 900/);
  });

  it('understands what a version wrote that knew of one epoch only', () => {
    writeFileSync(file, `7 ${'07'.repeat(32)}\n`);
    marker.check(log(9));
    expect(() => {
      marker.check(log(6));
    }).toThrow(/ends at event 6/);
  });

  it('is written once the disk takes it, and says meanwhile that it does not', async () => {
    const failures: Error[] = [];
    const folder = join(dir, 'not-there-yet');
    marker = new HeadMarker(join(folder, 'head'), timers, (error) => failures.push(error));
    marker.note({ epoch: 1, seq: 7, hash: hash(7) });
    await timers.run(2_500);
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringContaining('ENOENT'),
      expect.stringContaining('ENOENT'),
    ]);
    mkdirSync(folder);
    await timers.run(1_000);
    expect(readFileSync(join(folder, 'head'), 'utf8')).toMatch(/^1 7 /);
  });
});
