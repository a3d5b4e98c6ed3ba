import { describe, expect, it } from 'vitest';
import { VERSION } from '../version.js';
import { GatewayMetrics } from './metrics.js';
import { startWatched } from './monitor.test.support.js';
import { type Observation, observe } from './observation.js';
import { siteFiles } from '../config/index.js';

async function look(): Promise<{ metrics: GatewayMetrics; seen: Observation }> {
  const { gateway, config, metrics } = await startWatched();
  const { dataDir } = config;
  const loop = { longestMs: 12 };
  const seen = observe({
    ...{ gateway, version: VERSION, dataDir, loop, wallClock: () => Date.now() / 1_000 },
    database: siteFiles(dataDir).database,
  });
  return { metrics, seen };
}

describe('metrics', () => {
  it('tell of a gateway without radio and uplink nothing of either', async () => {
    const { metrics, seen } = await look();
    const text = await metrics.render(seen);
    expect(text).not.toMatch(/^timeband_(radio|uplink|help)/m);
    expect(text).toMatch(/^timeband_database_bytes [1-9]/m);
    expect(text).toMatch(/^timeband_storage_state\{state="good"\} 1$/m);
    expect(text).toMatch(/^timeband_loop_stall_seconds 0\.012$/m);
  });

  it('are the same when they are asked for twice', async () => {
    const { metrics, seen } = await look();
    const ours = async (): Promise<string[]> =>
      (await metrics.render(seen)).split('\n').filter((line) => line.startsWith('timeband_'));
    expect(await ours()).toEqual(await ours());
  });

  it('put commits and readings of devices into histograms', async () => {
    const { metrics, seen } = await look();
    metrics.commit(12);
    metrics.sync(700);
    const text = await metrics.render(seen);
    expect(text).toMatch(/^timeband_commit_seconds_bucket\{le="0\.02"\} 1$/m);
    expect(text).toMatch(/^timeband_sync_seconds_sum 0\.7$/m);
  });

  it('name no device, band or client, however often these go wrong', async () => {
    const { metrics, seen } = await look();
    const { counters } = seen.report;
    counters.count('log/gap', 'band-000017');
    for (let n = 0; n < 40; n++) counters.count('frame/crc', `/dev/ttyUSB${n}`);
    counters.count('broker/refused', 'credentials');
    const text = await metrics.render(seen);
    expect(text).not.toContain('band-000017');
    expect(text).toContain('timeband_faults_total{layer="log",cause="gap",detail=""} 1');
    expect(text).toContain('timeband_alarms_total{alarm="lost-records"} 1');
    expect(text).toContain('timeband_broker_refused_total{cause="credentials"} 1');
    expect(text).toMatch(/layer="frame",cause="crc",detail="other"\} 20/);
  });

  it('begin every alarm at 0, so that the first one is an increase', async () => {
    const { metrics, seen } = await look();
    const alarms = (await metrics.render(seen)).match(/^timeband_alarms_total\{.*\} 0$/gm);
    expect(alarms?.length).toBeGreaterThan(5);
  });

  it('are about forty of ours, each described in a sentence and named by its unit', () => {
    const ours = new GatewayMetrics().describe().filter(({ isOurs }) => isOurs);
    expect(ours.length).toBeGreaterThanOrEqual(40);
    for (const { name, type, help } of ours) {
      expect(help, name).toMatch(/^[A-Z01].*\.$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
    }
  });
});
