/**
 * Two gateways of one site: what a reader at the secondary logs counts at the primary, once, whatever breaks between them.
 * The primary runs in this process, the secondary and the reader are programs; ports, brokers and databases are real.
 */
import { gatewayTopics } from '@timeband/protocol';
import { checkSite } from '@timeband/gateway';
import type { Child, JsonObject } from '@timeband/simulator';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJson } from '@timeband/simulator';
import { GATEWAY_BIN, SITE } from './support/centre.js';
import { TwoGateways } from './support/two-gateways.js';

const acked = (upto: number) => (message: JsonObject) =>
  message['event'] === 'acked' && Number(message['upto']) >= upto ? true : undefined;

interface Forward {
  readonly records: number;
  readonly state: string;
}
const forwardOf = (status: JsonObject): Forward => status['forward'] as Forward;

describe('a reader at a gateway that is not the primary', () => {
  let site: TwoGateways;
  let display: MqttClient;
  let reader: Child;
  const events: Buffer[] = [];
  beforeAll(async () => {
    site = await TwoGateways.create();
    const port = await site.startPrimary();
    const login = { username: 'display', password: site.password, clientId: 'display', clean: false };
    display = await connectAsync(`mqtt://127.0.0.1:${port}`, { ...login, protocolVersion: 4 });
    display.on('message', (_, payload) => events.push(payload));
    await display.subscribeAsync(gatewayTopics(SITE, 'gw-1').events, { qos: 1 });
  });
  afterAll(async () => {
    await display.endAsync(true);
    await site.close();
  });

  const checked = async () =>
    (await checkSite(site.secondaryConfig, Math.floor(Date.now() / 1_000))).filter(({ what }) =>
      what.includes('gateway gw-1'),
    );

  it('finds the way to the primary before it is used, and what is wrong with it', async () => {
    expect(await checked()).toMatchObject([
      { verdict: 'good', says: expect.stringContaining('lets this box in') as string },
    ]);
    site.cut();
    expect(await checked()).toMatchObject([{ verdict: 'warning' }]);
    site.mend();
  });

  it('counts at the primary, whose ack the secondary hands on', async () => {
    const [, started] = await Promise.all([site.startSecondary(), site.startReader('reader-1')]);
    reader = started;
    const done = reader.expect(acked(3)); // its start, the policy that it took, and the tap
    reader.tell('tap 7 in 101');
    await done;
    expect(site.report.stored).toMatchObject({ records: 3, events: 3 });
    expect(site.report.peers).toMatchObject([{ gateway: 'gw-2', refused: 0 }]);
    expect(await checked()).toMatchObject([
      { verdict: 'good', says: expect.stringContaining('is connected') as string },
    ]);
  });

  it('loses nothing and counts nothing twice when the line is cut and the secondary is killed', async () => {
    site.cut();
    for (const wearer of [8, 9, 10]) reader.tell(`tap ${wearer} in 101`);
    const away = await site.until((status) => forwardOf(status).records === 3);
    expect(away['stored']).toMatchObject({ records: 0, events: 0 });
    const accounts = await runJson([GATEWAY_BIN, 'reconcile', '--config', site.secondaryConfig, '--json']);
    expect(accounts).toMatchObject({ verdict: 'good', totals: { waiting: 3, records: 3 } });
    await site.killSecondary();
    reader.tell('tap 11 in 101');
    site.mend();
    const done = reader.expect(acked(7));
    await site.startSecondary();
    await done;
    expect(site.report.stored).toMatchObject({ records: 7, events: 7, quarantined: 0 });
    expect(events).toHaveLength(7);
  });
});
