import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSite } from './check.js';
import { initSite } from './init.js';

const NOW = Math.floor(Date.now() / 1_000);

describe('check', () => {
  let dir: string;
  let files: ReturnType<typeof initSite>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'check-'));
    const links = [join(dir, 'readers', '*')];
    files = initSite({ dir, site: 'dahaiyang', gateway: 'gw-1', links, mqttPort: 0, now: NOW });
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('has nothing bad to say of a site that was just made, and nothing of a radio that it has not', async () => {
    const lines = await checkSite(files.config, NOW);
    expect(lines.filter(({ verdict }) => verdict === 'bad')).toEqual([]);
    expect(lines.map(({ what }) => what).join()).not.toContain('radio');
  });

  it('looks at the radio too', async () => {
    writeFileSync(join(dir, 'bands.json'), '[]', { mode: 0o600 });
    appendFileSync(files.config, 'radio:\n  path: /dev/null\n  bands: bands.json\n');
    const alone = await checkSite(files.config, NOW);
    expect(alone.find(({ what }) => what === 'radio at /dev/null')).toMatchObject({ verdict: 'good' });
  });

  it('says what a file is that cannot be read, and goes on', async () => {
    appendFileSync(files.config, 'policy: [readers]\ntagKeys: keys\n');
    rmSync(files.accounts);
    const lines = await checkSite(files.config, NOW);
    const bad = lines.filter(({ verdict }) => verdict === 'bad').map(({ what }) => what);
    expect(bad).toEqual(['policy readers', 'tag keys', 'accounts']);
  });
});
