import { describe, expect, it } from 'vitest';
import { changesBetween } from './changes.js';
import { configSchema, type Config } from './schema.js';

const config = (more: Readonly<Record<string, unknown>> = {}): Config =>
  configSchema.parse({ site: 'dahaiyang', gateway: 'gw-1', ...more });

describe('settings that were read again', () => {
  it('count at once where they may, and are named where they need a restart', () => {
    const next = config({
      ...{ log: { level: 'debug', keep: 9 }, broker: { port: 1999, maxConnections: 7 } },
      ...{ policy: ['a.cose'], links: [{ path: '/dev/a' }], monitoring: { port: 1 } },
    });
    const { config: merged, changed, needRestart } = changesBetween(config(), next);
    expect([...changed].sort()).toEqual(['broker.maxConnections', 'log.level', 'monitoring.port', 'policy']);
    expect([...needRestart].sort()).toEqual(
      ['broker.port', 'links', 'links.0.baudRate', 'links.0.path', 'log.keep'].sort(),
    );
    expect(merged).toMatchObject({
      ...{ log: { level: 'debug', keep: 5 }, broker: { port: 1883, maxConnections: 7 } },
      ...{ policy: ['a.cose'], links: [], monitoring: { port: 1 } },
    });
  });

  it('may bring a whole section, change it and take it away', () => {
    const uplink = { url: 'mqtts://city', json: true };
    const added = changesBetween(config(), config({ uplink }));
    expect(added.config.uplink).toMatchObject(uplink);
    expect(added.needRestart).toEqual([]);
    const changed = changesBetween(added.config, config({ uplink: { ...uplink, window: 3 } }));
    expect(changed.changed).toEqual(['uplink.window']);
    expect(changesBetween(added.config, config()).config.uplink).toBeUndefined();
  });

  it('that are the same change nothing', () => {
    const { changed, needRestart, config: merged } = changesBetween(config(), config());
    expect([changed, needRestart, merged]).toEqual([[], [], config()]);
  });
});
