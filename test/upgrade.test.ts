/** An upgrade that nobody watches keeps a new version that is well, goes back from one that is not, and never forks the story. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askControl } from '../gateway/dist/ops/control.js';
import { MIGRATIONS } from '../gateway/dist/store/schema.js';
import { bundleProgram } from '../packaging/dist/programs.js';
import { type Change, InstalledBox } from './support/installed-box.js';
import { outcome } from './support/outcome.js';

const NEWEST = MIGRATIONS.length;
/** Between two questions to a box: one asked without a pause has no time for anything else. */
const ASK_MS = 50;
/** A step that this version does not have, as the next one might. */
const step = (table: string): Change => [
  'store/schema.js',
  /\n\];/,
  `\n    'CREATE TABLE ${table} (id INTEGER PRIMARY KEY) STRICT',\n];`,
];

interface Report {
  readonly version: string;
  readonly storage: { readonly state: string };
  readonly stored: { readonly events: number };
}

function schemaOf(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
}

describe('an upgrade of a box', { timeout: 120_000 }, () => {
  let box: InstalledBox;
  const inUse = (): string => basename(readlinkSync(join(box.prefix, 'current')));
  const status = async (): Promise<Report> =>
    (await askControl(join(box.centre.dir, 'site/control.sock'))) as Report;
  /** Asks until the answer is right. */
  const until = async (condition: (report: Report) => boolean): Promise<Report> => {
    for (;;) {
      const report = await status().catch(() => undefined);
      if (report !== undefined && condition(report)) return report;
      await pause(ASK_MS);
    }
  };
  const stored = (events: number): Promise<Report> => until((report) => report.stored.events >= events);
  beforeAll(async () => {
    box = await InstalledBox.create(bundleProgram);
    await box.install('1.0', { schema: NEWEST });
    box.use('1.0');
    await box.centre.startReader('reader-1', ['--rate', '600', '--bands', '5', '--sign-ms', '5']);
    await box.run('start');
    await stored(3);
  }, 120_000);
  afterAll(() => box.close());

  it('goes back, with the database as it was, from a version that changes the database and then fails to start', async () => {
    const dir = await box.install('1.1', {
      schema: NEWEST + 1,
      changes: [
        step('next'),
        ['ops/mqtt.js', /export async function startBroker\([^)]*\) \{/, "$& throw new Error('no broker');"],
      ],
    });
    const { exitCode, out } = await box.upgrade('--to', dir);
    expect(exitCode).toBe(5);
    expect(out).toContain('"outcome":"gone-back"');
    expect(inUse()).toBe('1.0');
    expect((await status()).version).toBe('1.0');
    // The failed version's database is kept for who looks into it.
    expect(schemaOf(join(box.centre.dir, 'site/upgrade/of-1.1.db'))).toBe(NEWEST + 1);
    await stored(6);
  });

  it('stores nothing while a version is on trial, and keeps one that is well, also when a loss of power cut the upgrade short', async () => {
    const before = (await status()).stored.events;
    const dir = await box.install('1.2', { schema: NEWEST + 1, changes: [step('next')] });
    const words = ['upgrade', '--to', dir, ...box.settings, '--patience', '300', '--settle', '300'];
    const upgrade = spawn(process.execPath, [box.program('current'), ...words], { stdio: 'ignore' });
    const ended = once(upgrade, 'exit');
    const trial = await until(({ version }) => version === '1.2');
    upgrade.kill('SIGKILL');
    await ended;
    expect(await status()).toMatchObject({ storage: { state: 'held' }, stored: trial.stored });
    expect(await box.upgrade('--to', dir)).toMatchObject({ exitCode: 4 });

    const journal = join(box.prefix, 'upgrade.json');
    writeFileSync(
      journal,
      readFileSync(journal, 'utf8').replace('"settleSeconds": 300', '"settleSeconds": 0'),
    );
    const resumed = await outcome([box.program('previous'), 'upgrade', '--resume', ...box.settings]);
    expect(resumed).toMatchObject({ exitCode: 0, out: expect.stringContaining('in-use') as string });
    await stored(before + 3);
    expect(schemaOf(join(box.centre.dir, 'site/upgrade/before-1.2.db'))).toBe(NEWEST);
    expect(existsSync(join(box.prefix, 'versions/1.1'))).toBe(false);
  });

  it('stays, and says so, when a version that is not well has published on a changed database', async () => {
    const before = (await status()).stored.events;
    const dir = await box.install('1.3', {
      schema: NEWEST + 2,
      // It does not know of trials, and takes itself for another.
      changes: [step('next'), step('after'), ['store/watch.js', 'existsSync(holdFile)', 'false']],
      says: 'another',
    });
    const { exitCode, out } = await box.upgrade('--to', dir, '--patience', '3');
    expect(exitCode).toBe(5);
    expect(out).toContain('"outcome":"stays"');
    expect(out).toContain('published or acknowledged since');
    expect(inUse()).toBe('1.3');
    await stored(before + 3);
    const older = await box.upgrade('--to', join(box.prefix, 'versions/1.2'));
    expect(older).toMatchObject({
      exitCode: 4,
      out: expect.stringContaining('knows versions up to') as string,
    });
    const back = await box.upgrade('--back');
    expect(back).toMatchObject({ exitCode: 5, out: expect.stringContaining('"stays"') as string });
  });
});
