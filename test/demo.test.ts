/** `npm start -- --for`, as CI runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BANDSIM_BIN, GATEWAY_BIN } from './support/centre.js';

function demo(...args: string[]): {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly summary: Readonly<Record<string, number>>;
} {
  const dir = mkdtempSync(join(tmpdir(), 'timeband-test-'));
  const { status, stdout } = spawnSync(
    process.execPath,
    [BANDSIM_BIN, 'demo', '--gateway', GATEWAY_BIN, '--dir', dir, ...args],
    { encoding: 'utf8' },
  );
  rmSync(dir, { recursive: true, force: true });
  const lines = stdout.trimEnd().split('\n');
  return { status, lines, summary: JSON.parse(lines.at(-1) ?? '') as Record<string, number> };
}

function expectWhole({ status, lines, summary }: ReturnType<typeof demo>): void {
  for (const key of ['stored', 'published', 'received', 'verified'])
    expect(summary[key]).toBe(summary['logged']);
  expect(summary).toMatchObject({ duplicates: 0, lost: 0 });
  expect(lines.filter((line) => line.endsWith('good')).length).toBe(summary['verified']);
  expect(status).toBe(0);
}

describe('the demo', () => {
  it(
    'ends by itself with one line of JSON in which everything logged was received and verified',
    { timeout: 120_000 },
    () => {
      const run = demo('--for', '14s', '--rate', '60');
      expectWhole(run);
      const { lines, summary } = run;
      expect(summary['logged']).toBeGreaterThan(40);
      // The bands are residents', and what was checked out of is in their accounts.
      expect(summary['minutes']).toBeGreaterThan(0);
      expect(lines).toContainEqual(expect.stringMatching(/^ {2}resident-\d+ +[1-9]\d*$/));
      // An activity that had gone on for an hour ended, and whoever was in charge of it has that hour.
      expect(lines).toContainEqual(expect.stringMatching(/ closed 509 Tai chi, 5 there +60 +2 +good$/));
      expect(lines.filter((line) => / lunch (ordered for resident-\d+|packed) /.test(line))).toHaveLength(6);
      expect(lines.filter((line) => / reader-3 .* lunch collected /.test(line))).toHaveLength(2);
      const tiers = lines.flatMap((line) => / ([012]) +good$/.exec(line)?.[1] ?? []);
      expect(new Set(tiers)).toEqual(new Set(['0', '1', '2']));
      // On the radio: a visit with its minutes, and a press near the gateway, in the gateway's log and in the band's.
      expect(lines).toContainEqual(expect.stringMatching(/ band-\w+ +band-\w+ +visit .* [1-9]\d* +2 +good$/));
      expect(lines).toContainEqual(
        expect.stringMatching(/ gw-1 +band-\w+ +in +501 Smartphone lesson +- +2 +good$/),
      );
      expect(lines).toContainEqual(expect.stringMatching(/ (band-\w+) \1 +in +501 .*\(copy\) +- +2 +good$/));
    },
  );

  it('runs without a radio', { timeout: 60_000 }, () => {
    const run = demo('--for', '1s', '--readers', '1', '--radio-bands', '0');
    expectWhole(run);
    expect(run.lines).not.toContainEqual(expect.stringMatching(/^Radio/));
  });
});
