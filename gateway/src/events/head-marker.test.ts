import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualTimers } from '@timeband/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../store/index.js';
import { HeadMarker } from './head-marker.js';

const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
/** A log of events in which event n has a hash of n's. */
const known = (seq: number): Uint8Array => hash(seq);

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
    marker.note({ seq, hash: hash(seq) });
    marker.close();
    return new HeadMarker(file, timers);
  };

  it('has nothing to say about a new box', () => {
    marker.check(0, known);
    marker.close();
    expect(existsSync(file)).toBe(false);
  });

  it('agrees with the log it was written for, and with one that went on', () => {
    const later = marked(7);
    later.check(7, known);
    later.check(900, known);
  });

  it('stops a database that was restored from before the marked event', () => {
    expect(() => {
      marked(7).check(6, known);
    }).toThrow(/ends at event 6/);
  });

  it('stops a database that tells another story under the same number', () => {
    expect(() => {
      marked(7).check(9, () => hash(99));
    }).toThrow(/not the one that was made/);
  });

  it('stops where the marked event does not end a commit any more', () => {
    expect(() => {
      marked(7).check(9, () => undefined);
    }).toThrow(StoreError);
  });

  it('stops when it cannot be read, rather than believing the database', () => {
    writeFileSync(file, 'event seven');
    expect(() => {
      marker.check(9, known);
    }).toThrow(/damaged/);
  });

  it('is written once a second under load, with the newest event', async () => {
    for (let seq = 1; seq <= 50; seq++) marker.note({ seq, hash: hash(seq) });
    expect(existsSync(file)).toBe(false);
    await timers.run(1_000);
    expect(readFileSync(file, 'utf8')).toMatch(/^50 /);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
