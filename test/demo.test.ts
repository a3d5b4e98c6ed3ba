/** `npm start -- --for`, as CI runs it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { BANDSIM_BIN, GATEWAY_BIN } from './support/centre.js';

describe('the demo', () => {
  it('ends by itself with one line of JSON in which everything logged was received and verified', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [BANDSIM_BIN, 'demo', '--gateway', GATEWAY_BIN, '--for', '6s', '--rate', '60'],
      { encoding: 'utf8' },
    );
    const lines = stdout.trimEnd().split('\n');
    const summary = JSON.parse(lines.at(-1) ?? '') as Record<string, number>;
    expect(summary['logged']).toBeGreaterThan(20);
    for (const key of ['stored', 'published', 'received', 'verified'])
      expect(summary[key]).toBe(summary['logged']);
    expect(summary).toMatchObject({ duplicates: 0, lost: 0 });
    expect(lines.filter((line) => line.endsWith('good')).length).toBe(summary['verified']);
    const tiers = lines.flatMap((line) => / ([012]) +good$/.exec(line)?.[1] ?? []);
    expect(new Set(tiers)).toEqual(new Set(['0', '1', '2']));
    expect(status).toBe(0);
  });
});
