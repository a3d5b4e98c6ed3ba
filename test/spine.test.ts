/** One tap's whole way, on the programs as they ship: pseudo-terminal, gateway, SQLite, broker, MQTT client. */
import { type Child, type JsonObject, runJson } from '@timeband/simulator';
import { decodeRecord, equalBytes, readPunch, toHex } from '@timeband/protocol';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BANDCTL_BIN,
  Centre,
  type GatewayProcess,
  GATEWAY,
  SITE,
  type VerifyingClient,
} from './support/centre.js';

const event =
  (name: string, seq?: number) =>
  (message: JsonObject): JsonObject | undefined =>
    message['event'] === name && (seq === undefined || message['seq'] === seq) ? message : undefined;

describe('a tap', () => {
  let centre: Centre;
  let gateway: GatewayProcess;
  let client: VerifyingClient;
  let reader: Child;

  beforeAll(async () => {
    centre = await Centre.create();
    gateway = await centre.startGateway();
    client = await centre.subscribe();
    reader = await centre.startReader('reader-1', ['--rate', '0', '--bands', '40']);
    await client.until((events) => events.length === 1); // the reader's own first record
  });
  afterAll(() => centre.close());

  it('becomes feedback at the reader, then an event that a subscriber verifies, then an ack', async () => {
    const answered = reader.expect(event('feedback', 2));
    const acked = reader.expect((m) => (m['event'] === 'acked' && m['upto'] === 2 ? m : undefined));
    reader.tell('tap 7 in 101');
    expect(await answered).toMatchObject({ outcome: 'accepted' });
    await client.until((events) => events.length === 2);
    const { event: received } = client.events[1] ?? {};
    expect(received).toMatchObject({
      site: SITE,
      gateway: GATEWAY,
      device: 'reader-1',
      type: 'punch',
      evidence: 0,
      logSeq: 2,
    });
    expect(readPunch(decodeRecord(received?.record ?? new Uint8Array()).body)).toMatchObject({
      direction: 'in',
      service: 101,
    });
    const now = Date.now() / 1_000;
    expect(received?.time.earliest).toBeGreaterThan(now - 15);
    expect(received?.time.latest).toBeLessThan(now + 5);
    await acked;
    expect(client.bad).toEqual([]);
  });

  it('that ends a visit says how long it was; one that ends none waits for review', async () => {
    const out = reader.expect(event('feedback', 3));
    reader.tell('tap 7 out 101');
    expect(await out).toMatchObject({ outcome: 'accepted', minutes: 0 });
    const none = reader.expect(event('feedback', 4));
    reader.tell('tap 8 out 101');
    expect(await none).toMatchObject({ outcome: 'queued' });
    await client.until((events) => events.length === 4);
    expect(client.events.map(({ event: { minutes } }) => minutes)).toEqual([
      undefined,
      undefined,
      0,
      undefined,
    ]);
  });

  it('of every reader ends up in one chain of events', async () => {
    const others = await Promise.all(
      ['reader-2', 'reader-3'].map((id) => centre.startReader(id, ['--rate', '0', '--bands', '40'])),
    );
    await client.until((events) => events.length === 6);
    for (let n = 0; n < 5; n++) for (const each of [reader, ...others]) each.tell(`tap ${n} in 201`);
    await client.until((events) => events.length === 21);
    for (const [i, { event: current }] of client.events.entries()) {
      expect(current.seq).toBe(i + 1);
      if (i > 0)
        expect(equalBytes(current.previous, client.events[i - 1]?.hash ?? new Uint8Array())).toBe(true);
    }
    const ids = client.events.map(({ event: { logId, logSeq } }) => `${toHex(logId)}/${logSeq}`);
    expect(new Set(ids).size).toBe(21);
  });

  it('while the reader is unplugged arrives when it is plugged in again', async () => {
    const before = client.events.length;
    reader.tell('unplug');
    reader.tell('tap 30 in 101');
    reader.tell('tap 31 in 101');
    reader.tell('plug');
    await client.until((events) => events.length === before + 2);
    expect(client.bad).toEqual([]);
  });

  it('survives a reboot of the reader that comes right after it', async () => {
    const before = client.events.length;
    reader.tell('tap 32 in 101');
    reader.tell('reboot');
    await client.until((events) => events.length === before + 2); // the tap and the boot
  });

  it('is counted in the gateway’s status', async () => {
    const status = (await centre.status()) as {
      stored: { records: number; events: number };
      links: JsonObject[];
    };
    expect(status.stored.records).toBe(client.events.length);
    expect(status.stored.events).toBe(client.events.length);
    expect(status.links).toHaveLength(3);
  });

  it('cannot be listened to without an account', async () => {
    const connect = (options: object) =>
      connectAsync(`mqtt://127.0.0.1:${gateway.port}`, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...options,
      });
    await expect(connect({})).rejects.toThrow(/[Nn]ot authorized|Bad username/);
    await expect(connect({ username: 'display', password: 'guess' })).rejects.toThrow(
      /[Nn]ot authorized|[Bb]ad user/,
    );
  });

  it('leaves no secret in the log', () => {
    const log = JSON.stringify(centre.gatewayLog());
    expect(log).not.toContain(centre.password);
    expect(log).not.toContain('PRIVATE KEY');
    expect(log.length).toBeGreaterThan(100);
  });
});

describe('bandctl info', () => {
  let centre: Centre;
  beforeAll(async () => {
    centre = await Centre.create();
    await centre.startReader('reader-9', ['--rate', '0']);
  });
  afterAll(() => centre.close());

  it('tells who a reader is over its port, and that its certificate is the site’s', async () => {
    const info = await runJson([
      BANDCTL_BIN,
      ...['info', '--json', '--port', `${centre.readerDir}/reader-9`],
      ...['--issuer', String(centre.files['issuerCertificate'])],
    ]);
    expect(JSON.stringify(info)).toContain('reader-9');
  });
});
