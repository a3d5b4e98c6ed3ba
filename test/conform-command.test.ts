/** `bandctl conform` as it is run: the real programs over a real pseudo-terminal. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const BANDCTL = fileURLToPath(new URL('../firmware-tools/bin/bandctl.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'conform-'));

afterAll(() => {
  rmSync(dir, { recursive: true });
});

function conform(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BANDCTL, 'conform', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

describe('bandctl conform', () => {
  it('finds over a real line what a simulated reader gets wrong, and says so to programs and on a page', () => {
    const page = join(dir, 'reader.html');
    const { status, stdout } = conform(
      '--sim=--break ack-any-hash --break long-lines --baud 0 --sign-ms 0',
      ...['--timeout', '400'],
      ...['--only', 'framing,ack,power-after-ack,power-boot', '--format', 'tap', '--page', page],
    );
    const failed = stdout.split('\n').filter((line) => line.startsWith('not ok'));
    expect(failed.map((line) => /- ([a-z-]+):/.exec(line)?.[1])).toEqual(['framing-answers', 'ack-hash']);
    expect(stdout).toMatch(/^ok \d+ - power-boot/m);
    expect(stdout).toMatch(/^# passed 25, failed 2, skipped 0$/m);
    expect(status).toBe(4);
    expect(readFileSync(page, 'utf8')).toContain('Does not conform: 2 of 27 checks failed');
  });
});
