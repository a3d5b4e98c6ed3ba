/** The uplink against a real broker over TLS: a backlog, outages, refusals, a forked story, policy on its way down. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certifyTls, checkUplink, makeTlsAuthority, type TlsKeyAndCertificate } from '@timeband/gateway';
import { type PolicyDraft, PrivateKey, signHead, signPolicy } from '@timeband/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GATEWAY, SITE } from './support/centre.js';
import { CityReader, TOPICS } from './support/city-reader.js';
import { ensureDebian, INSTALL_TIMEOUT_MS, MOSQUITTO } from './support/debian.js';
import { Mosquitto } from './support/mosquitto.js';
import { UplinkBox, uplinkConfig, UplinkSite } from './support/uplink-box.js';

const DAY = 86_400;
const PASSWORDS = { [GATEWAY]: 'of the box', city: 'of the city' };
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Keys and certificates of a city's broker and of those who come to it. */
interface Pki {
  readonly authority: TlsKeyAndCertificate;
  readonly server: TlsKeyAndCertificate;
  readonly expired: TlsKeyAndCertificate;
  readonly box: TlsKeyAndCertificate;
  readonly reader: TlsKeyAndCertificate;
}

async function makePki(): Promise<Pki> {
  const now = Math.floor(Date.now() / 1_000);
  const valid = { notBefore: now - DAY, notAfter: now + DAY };
  const authority = await makeTlsAuthority('city', valid);
  const server = { server: 'broker', names: [{ type: 'dns' as const, value: 'localhost' }] };
  return {
    authority,
    server: await certifyTls(authority, server, valid),
    expired: await certifyTls(authority, server, { notBefore: now - 2 * DAY, notAfter: now - DAY }),
    box: await certifyTls(authority, { client: GATEWAY }, valid),
    reader: await certifyTls(authority, { client: 'city' }, valid),
  };
}

/** A TCP connection on the way to a broker that can be cut like a cable. */
async function startCable(
  port: number,
): Promise<{ port: number; cut: () => void; close: () => Promise<unknown> }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the uplink to a mosquitto', () => {
  let pki: Pki;
  let dir: string;
  let site: UplinkSite;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    await ensureDebian(MOSQUITTO);
    pki = await makePki();
  }, INSTALL_TIMEOUT_MS);
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'uplink-'));
    site = new UplinkSite();
    mkdirSync(join(dir, 'box'));
    mkdirSync(join(dir, 'city'));
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    rmSync(dir, { recursive: true });
  });

  const write = (name: string, text: string): string => {
    const file = join(dir, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };

  async function startCity(server = pki.server): Promise<Mosquitto> {
    const tls = {
      ca: write('city/ca.pem', pki.authority.certificate),
      cert: write('city/server.pem', server.certificate),
      key: write('city/server.key', server.key),
    };
    const city = await Mosquitto.start({ dir: join(dir, 'city'), tls, passwords: PASSWORDS });
    closers.push(() => city.stop());
    return city;
  }

  async function read(city: Mosquitto): Promise<CityReader> {
    const reader = await CityReader.connect(site, `mqtts://localhost:${city.port}`, {
      ...{ username: 'city', password: PASSWORDS.city },
      ...{ ca: pki.authority.certificate, cert: pki.reader.certificate, key: pki.reader.key },
    });
    closers.push(() => reader.close());
    return reader;
  }

  function open(box = new UplinkBox(site, join(dir, 'box'))): UplinkBox {
    closers.push(() => box.close());
    return box;
  }

  /** What the technician wrote into the configuration, with the files beside it. */
  function settings({ port }: Mosquitto, more: object = {}): Readonly<Record<string, unknown>> {
    return {
      ...{ url: `mqtts://localhost:${port}`, user: GATEWAY },
      passwordFile: write('password', `${PASSWORDS[GATEWAY]}\n`),
      ca: write('ca.pem', pki.authority.certificate),
      ...{ cert: write('box.pem', pki.box.certificate), key: write('box.key', pki.box.key), ...more },
    };
  }

  it('sends a backlog in order and loses nothing when the broker stops in the middle', async () => {
    const city = await startCity();
    const reader = await read(city);
    const box = open();
    await box.punch(3_000);
    box.startUplink(settings(city, { rate: { messagesPerSecond: 2_500, burst: 0.1 } }));
    await reader.until(({ events }) => events.length >= 800);
    await city.stop();
    const before = reader.events.length;
    expect(before).toBeLessThan(3_000);
    await box.until(({ state }) => state === 'waiting');
    expect(box.uplink.report()).toMatchObject({ problem: { code: 'uplink/lost' } });
    await box.punch(10);
    await city.restart();
    box.uplink.retry();
    await reader.until(({ numbers }) => numbers.length === 3_010);
    await box.until(({ backlog }) => backlog === 0);
    expect(reader.numbers).toEqual(range(1, 3_010));
    // What was on its way when the broker stopped, and nothing else.
    expect(reader.repetitions.length).toBeLessThanOrEqual(500);
    expect(box.uplink.report()).toMatchObject({ state: 'connected', cursor: 3_010, problem: undefined });
  });

  it('goes on where it was after the box was started again', async () => {
    const city = await startCity();
    const reader = await read(city);
    const first = open();
    await first.punch(100);
    first.startUplink(settings(city));
    await first.until(({ backlog }) => backlog === 0);
    await first.close();
    await reader.until(({ status }) => status === 'offline');
    const second = open(first.reopen());
    second.startUplink(settings(city));
    await second.until(({ state }) => state === 'connected');
    expect(second.uplink.report()).toMatchObject({ cursor: 100, backlog: 0 });
    await second.punch(1);
    await reader.until(({ numbers }) => numbers.length === 101);
    expect(reader.repetitions).toEqual([]);
  });

  it('leaves its certificate, its newest head and whether it is there', async () => {
    const city = await startCity();
    const reader = await read(city);
    const cable = await startCable(city.port);
    closers.push(cable.close);
    const box = open();
    await box.punch(300);
    box.startUplink(settings(city, { url: `mqtts://localhost:${cable.port}` }));
    await reader.until(({ numbers, states }) => numbers.length === 300 && states.has(TOPICS.health));
    expect(reader.states.get(TOPICS.certificate)).toEqual(Buffer.from(site.gateway.bytes));
    expect(reader.headSize).toBe(300);
    expect(reader.status).toBe('online');
    cable.cut();
    await reader.until(({ status }) => status === 'offline');
    box.uplink.retry();
    await reader.until(({ status }) => status === 'online');
  });

  it('never sends an event before a head that covers it', async () => {
    const city = await startCity();
    const reader = await read(city);
    const box = open();
    const uncovered: number[] = [];
    reader.mqtt.on('message', (topic) => {
      const newest = reader.events.at(-1)?.seq ?? 0;
      if (topic.startsWith(TOPICS.event('')) && newest > reader.headSize) uncovered.push(newest);
    });
    box.startUplink(settings(city));
    await box.until(({ state }) => state === 'connected');
    for (let i = 0; i < 3; i++) {
      await box.punch(7);
      await reader.until(({ numbers }) => numbers.length === 7 * (i + 1));
    }
    expect(uncovered).toEqual([]);
  });

  it('a wrong password: raises one alarm, tells no secret, and goes on once it is put right', async () => {
    const city = await startCity();
    const box = open();
    await box.punch(1);
    const config = settings(city);
    write('password', 'a wrong one');
    box.startUplink(config);
    await box.until(({ state }) => state === 'refused');
    expect(box.uplink.report().problem).toMatchObject({ code: 'uplink/login' });
    box.uplink.retry();
    await box.until(() => box.counts.get('uplink/login') === 2);
    expect(box.log.filter(({ msg }) => String(msg).startsWith('ALARM'))).toHaveLength(1);
    expect(JSON.stringify([box.log, box.uplink.report()])).not.toContain('a wrong one');
    write('password', `${PASSWORDS[GATEWAY]}\n`);
    box.uplink.retry();
    await box.until(({ state, backlog }) => state === 'connected' && backlog === 0);
  });

  it.each([
    [
      'an authority that is not known',
      'uplink/tls',
      async () => ({ ca: write('other.pem', await strangers()) }),
    ],
    [
      'a certificate for another name',
      'uplink/tls',
      (port: number) => ({ url: `mqtts://127.0.0.1:${port}` }),
    ],
    ['no certificate of the box', 'uplink/tls', () => ({ cert: undefined, key: undefined })],
    ['a key that is none', 'uplink/tls', () => ({ key: write('box.key', 'no key') })],
    ['a file that is not there', 'uplink/files', () => ({ ca: 'nowhere.pem' })],
  ] as const)('%s: is refused with %s and tells what to do', async (_, code, change) => {
    const city = await startCity();
    const box = open();
    await box.punch(1);
    const config = settings(city);
    box.startUplink({ ...config, ...(await change(city.port)) });
    await box.until(({ state }) => state === 'refused');
    expect(box.uplink.report()).toMatchObject({ backlog: 1, problem: { code } });
    expect(box.uplink.report().problem?.remedy).toMatch(/^(Check|Put) /);
  });

  it('tells before the start whether the city lets the box in, and says nothing there', async () => {
    const city = await startCity();
    const reader = await read(city);
    const config = settings(city);
    const check = (more: object = {}): Promise<readonly { verdict: string; says: string }[]> =>
      checkUplink(uplinkConfig({ ...config, ...more }), {
        ...{ dataDir: join(dir, 'box'), certificate: site.gateway, running: undefined },
        now: Math.floor(Date.now() / 1_000),
      });
    const good = await check();
    expect(good.map(({ verdict }) => verdict)).toEqual(['warning', 'good']);
    expect(good[0]?.says).toContain('ends in 0 days');
    expect(good[1]?.says).toContain(`reachable, TLS is good, logs ${GATEWAY} in, grants its topics`);
    write('password', 'a wrong one');
    expect((await check()).at(-1)).toMatchObject({
      verdict: 'bad',
      says: expect.stringContaining('Check uplink.user and passwordFile') as unknown,
    });
    expect((await check({ url: 'mqtts://127.0.0.1:1' })).at(-1)).toMatchObject({ verdict: 'warning' });
    expect(await check({ ca: 'nowhere.pem' })).toMatchObject([
      { what: 'files for the city', verdict: 'bad' },
    ]);
    await reader.mqtt.publishAsync('fence', '', { qos: 1 });
    expect([reader.states.size, reader.events.length]).toEqual([0, 0]);
  });

  it('a broker whose certificate has expired: is refused', async () => {
    const city = await startCity(pki.expired);
    const box = open();
    box.startUplink(settings(city));
    await box.until(({ state }) => state === 'refused');
    expect(box.uplink.report().problem).toMatchObject({
      code: 'uplink/tls',
      message: 'certificate has expired',
    });
  });

  it('an address that no name server knows: is tried again and again', async () => {
    const city = await startCity();
    const box = open();
    box.startUplink(settings(city, { url: 'mqtts://no-such-broker.invalid' }));
    await box.until(({ state }) => state === 'waiting');
    expect(box.uplink.report().problem?.code).toBe('uplink/dns');
  });

  it.each([
    ['shorter', 3],
    ['longer', 20],
  ])('a copy of the box with a %s story: publishes nothing and names both heads', async (_, punches) => {
    const city = await startCity();
    const reader = await read(city);
    const first = open();
    await first.punch(5);
    first.startUplink(settings(city));
    await first.until(({ backlog }) => backlog === 0);
    await first.close();
    mkdirSync(join(dir, 'copy'));
    const copy = open(first.copyTo(join(dir, 'copy')));
    const original = open(first.reopen());
    await original.punch(5);
    original.startUplink(settings(city));
    await reader.until(({ numbers, headSize }) => numbers.length === 10 && headSize === 10);
    await original.close();
    await reader.until(({ status }) => status === 'offline');
    const said = reader.states.size + reader.events.length;

    await copy.punch(punches);
    copy.startUplink(settings(city));
    await copy.until(({ state }) => state === 'blocked');
    const { problem, cursor } = copy.uplink.report();
    expect(problem?.message).toMatch(
      new RegExp(`its head is event 10 of epoch 1 .*, ours is event ${5 + punches} of epoch 1`),
    );
    expect(problem?.remedy).toContain('restore --new-epoch');
    expect(cursor).toBe(5);
    await reader.mqtt.publishAsync('fence', '', { qos: 1 });
    expect([reader.states.size + reader.events.length, reader.status, reader.headSize]).toEqual([
      said,
      'offline',
      10,
    ]);
  });

  it('a copy that comes while the box is connected: is found out as soon as either speaks', async () => {
    const city = await startCity();
    const first = open();
    await first.punch(5);
    first.startUplink(settings(city));
    await first.until(({ backlog }) => backlog === 0);
    await first.close();
    mkdirSync(join(dir, 'copy'));
    const copy = open(first.copyTo(join(dir, 'copy')));
    const original = open(first.reopen());
    original.startUplink(settings(city));
    copy.startUplink(settings(city, { clientId: 'copy' }));
    await original.until(({ state }) => state === 'connected');
    await copy.until(({ state }) => state === 'connected');
    await original.punch(1);
    await original.until(({ backlog }) => backlog === 0);
    await copy.punch(1);
    await copy.until(({ state }) => state === 'blocked');
    expect(original.uplink.report().state).toBe('connected');
  });

  it('a hostile city: cannot stop the box with heads that it did not sign', async () => {
    const city = await startCity();
    const reader = await read(city);
    const box = open();
    await box.punch(5);
    const forged = signHead(PrivateKey.generate(), {
      ...{ site: SITE, gateway: GATEWAY, epoch: 1, size: 999, root: new Uint8Array(32) },
      issued: Math.floor(Date.now() / 1_000),
    });
    await reader.mqtt.publishAsync(TOPICS.head, Buffer.from(forged), { qos: 1, retain: true });
    await reader.mqtt.publishAsync(TOPICS.certificate, 'no certificate', { qos: 1, retain: true });
    box.startUplink(settings(city));
    await reader.until(({ numbers }) => numbers.length === 5);
    expect([...box.counts.keys()]).toEqual(
      expect.arrayContaining(['receipt/signature@uplink', 'cert/shape@uplink', 'uplink/no-head']),
    );
  });

  it('takes signed policy from the city, whose numbers only grow, and nothing else', async () => {
    const city = await startCity();
    const reader = await read(city);
    const box = open();
    const sign = (number: number, draft: PolicyDraft): Buffer =>
      Buffer.from(signPolicy(site.issuerKey, { number, issued: 1, site: SITE }, draft));
    const list = (number: number): Buffer => sign(number, { type: 'revocations', revocations: [] });
    const say = (topic: string, payload: Buffer): Promise<unknown> =>
      reader.mqtt.publishAsync(topic, payload, { qos: 1, retain: true });
    await say(TOPICS.policy('revocations'), list(2));
    await say(TOPICS.policy('rules'), Buffer.from('rubbish'));
    box.startUplink(settings(city));
    await box.until(() => box.policies.revocations === 2);
    await say(TOPICS.policy('revocations'), list(1));
    await say(TOPICS.policy('revocations'), list(3));
    await say(TOPICS.request('city', '1'), Buffer.from('{}'));
    await box.until(() => box.policies.revocations === 3);
    expect(box.counts.get('policy/rollback@uplink')).toBe(1);
    expect(box.counts.has('policy/shape@uplink') || box.counts.has('policy/refused@uplink')).toBe(true);
    await box.close();
    expect(box.reopen().policies.revocations).toBe(3);
  });

  it('lets calls for help pass a long backlog, and sends them again in their place', async () => {
    const city = await startCity();
    const reader = await read(city);
    const box = open();
    await box.punch(1_000);
    box.startUplink(settings(city, { rate: { messagesPerSecond: 1_000, burst: 0.1 } }));
    await reader.until(({ events }) => events.length > 100);
    await box.callForHelp();
    await reader.until(({ numbers }) => numbers.length === 1_001);
    const first = reader.events.findIndex(({ type }) => type === 'request');
    expect(first).toBeLessThan(900);
    await reader.until(({ events }) => events.at(-1)?.seq === 1_001);
    expect(reader.repetitions.map(({ seq }) => seq)).toEqual([1_001]);
    expect(box.uplink.report().urgent).toBe(0);
  });

  it('sends nothing but calls for help outside its hours, also those of before a restart', async () => {
    const city = await startCity();
    const reader = await read(city);
    const first = open();
    await first.punch(5);
    first.startUplink({ url: 'mqtt://127.0.0.1:1' });
    await first.callForHelp();
    await first.close();
    const hour = (ahead: number): string =>
      new Date(Date.now() + ahead * 3_600_000).toISOString().slice(11, 16);
    const box = open(first.reopen());
    const schedule = [{ from: hour(2), to: hour(3) }];
    box.startUplink(settings(city, { schedule, timeZone: 'UTC' }));
    box.uplink.hint('{"device":"band-1"}');
    await reader.until(({ states }) => states.has(TOPICS.help));
    await box.until(({ urgent, hold }) => urgent === 0 && hold === 'schedule');
    expect(reader.numbers).toEqual([6]);
    await box.close();
    const later = open(box.reopen());
    later.startUplink(settings(city));
    await reader.until(({ events }) => events.length === 7);
    expect(reader.events.map(({ seq }) => seq)).toEqual([6, 1, 2, 3, 4, 5, 6]);
  });
});

/** The certificate of an authority that nobody here is certified by. */
async function strangers(): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return (await makeTlsAuthority('somebody else', { notBefore: now - DAY, notAfter: now + DAY })).certificate;
}
