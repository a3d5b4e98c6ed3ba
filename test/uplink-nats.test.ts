/** The uplink to a city of three NATS nodes, whose MQTT listeners keep everything three times: one of them dies. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CityReader, TOPICS } from './support/city-reader.js';
import { INSTALL_TIMEOUT_MS } from './support/debian.js';
import { type NatsNode, startNatsCluster } from './support/nats.js';
import { UplinkBox, UplinkSite } from './support/uplink-box.js';

const EVENTS = 700;
/** A cluster of NATS takes five to fifteen seconds to elect new leaders for its streams. */
const TIMEOUT_MS = 60_000;

describe('the uplink to a cluster of three', () => {
  let dir: string;
  let nodes: readonly NatsNode[];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'uplink-nats-'));
    nodes = await startNatsCluster(dir);
  }, INSTALL_TIMEOUT_MS);
  afterEach(async () => {
    await Promise.all(nodes.map(({ server }) => server.stop('SIGKILL')));
    rmSync(dir, { recursive: true });
  });

  it(
    'goes on at the next node when one is killed in the middle, in order and without loss',
    async () => {
      const [first, second, third] = nodes.map(({ port }) => `mqtt://127.0.0.1:${port}`);
      const site = new UplinkSite();
      mkdirSync(join(dir, 'box'));
      const box = new UplinkBox(site, join(dir, 'box'));
      const reader = await CityReader.connect(site, third ?? '');
      try {
        await box.punch(EVENTS);
        box.startUplink({ url: [first, second, third] });
        await reader.until(({ events }) => events.length >= 200);
        await nodes[0]?.server.stop('SIGKILL');
        const before = reader.numbers.length;
        expect(before).toBeLessThan(EVENTS);
        await reader.until(({ numbers, headSize }) => numbers.length === EVENTS && headSize === EVENTS);
        await box.until(({ backlog }) => backlog === 0);
        expect(reader.numbers).toEqual(Array.from({ length: EVENTS }, (_, i) => i + 1));
        // At the next node, or at the one after it where that was still electing; and never as one that is denied.
        expect(box.uplink.report()).toMatchObject({ state: 'connected' });
        expect([second, third]).toContain(box.uplink.report().url);
        expect(box.counts.has('uplink/denied')).toBe(false);
        // The head that stands in the cluster is ours, whichever node answers for it.
        expect(reader.states.get(TOPICS.certificate)).toEqual(Buffer.from(site.gateway.bytes));
        expect(box.counts.get('uplink/no-head')).toBe(1);
      } finally {
        await reader.close();
        await box.close();
      }
    },
    TIMEOUT_MS,
  );
});
