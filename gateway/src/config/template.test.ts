import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load.js';
import { SETTINGS } from './settings-tree.js';
import { siteFileText } from './template.js';

const GIVEN = {
  ...{ version: 1, site: 'dahaiyang', gateway: 'gw-1', dataDir: '.' },
  ...{ links: [{ glob: '/dev/x*' }], broker: { host: '127.0.0.1', port: 0 }, log: { level: 'info' } },
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-template-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});
function load(text: string) {
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, text);
  return loadConfig(file, { env: {} });
}

describe('the file of a new site', () => {
  it('says what was chosen', () => {
    expect(load(siteFileText(GIVEN))).toMatchObject({ ...GIVEN, dataDir: dir, links: [{ glob: '/dev/x*' }] });
  });

  it('has every setting of the first two levels, described', () => {
    const text = siteFileText(GIVEN);
    for (const { name } of SETTINGS.filter(({ depth }) => depth === 0))
      expect(text).toMatch(new RegExp(`\\n##[^\\n]+\\n(# )?${name}:`));
    expect(text).not.toMatch(/undefined|\[object/);
  });

  it('is good with every comment taken away from a setting', () => {
    const config = load(
      siteFileText(GIVEN).replaceAll(/^( *)# (?=[ \w-])(?!.*gateway check|then, for|A line)/gm, '$1'),
    );
    expect(config).toMatchObject({
      ...{ uplink: { url: 'mqtts://broker.example:8883' }, radio: { adapter: 0 }, tagKeys: 'tag-keys.json' },
      ...{ broker: { listeners: [{ kind: 'tls', port: 8883 }] }, storage: { minFreeMb: 100 } },
    });
    expect(config.links).toHaveLength(4);
  });
});
