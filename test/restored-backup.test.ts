/** A gateway whose database was put back to an earlier day must not tell the days since then a second time. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Centre, GATEWAY_BIN } from './support/centre.js';
import { outcome } from './support/outcome.js';

const TAPS = ['--rate', '600', '--bands', '10', '--sign-ms', '5'];

describe('a gateway on a restored database', () => {
  let centre: Centre;
  beforeAll(async () => {
    centre = await Centre.create();
  });
  afterAll(() => centre.close());

  /** Runs the gateway until a number of events more has been published, and stops it. */
  const publish = async (events: number): Promise<void> => {
    const gateway = await centre.startGateway();
    const client = await centre.subscribe(`display-${events}`);
    await client.until((heard) => heard.length >= events);
    await client.mqtt.endAsync();
    await gateway.child.end();
  };

  it('refuses to publish other events under numbers that are taken', async () => {
    await centre.startReader('reader-1', TAPS);
    const database = join(centre.dir, 'site', 'gateway.db');
    await publish(5);
    copyFileSync(database, `${database}.backup`);
    await publish(10);

    for (const end of ['-wal', '-shm', '']) rmSync(`${database}${end}`, { force: true });
    copyFileSync(`${database}.backup`, database);
    const { exitCode, out } = await outcome([GATEWAY_BIN, 'run', '--config', centre.config]);
    expect(exitCode).not.toBe(0);
    expect(out).toMatch(/event \d+ was made by this gateway, but its database ends at event \d+/);
    expect(out).toContain('Nothing is published');
    const check = await outcome([GATEWAY_BIN, 'check', '--config', centre.config]);
    expect(check.exitCode).not.toBe(0);
    expect(check.out).toContain('was made by this gateway');
  });
});
