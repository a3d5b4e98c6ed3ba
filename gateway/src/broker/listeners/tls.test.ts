import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ManualTimers } from '@timeband/protocol/testing';
import mqtt from 'mqtt';
import { generate } from 'mqtt-packet';
import type { ClientOptions } from 'ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  accounts,
  closed,
  connect,
  ended,
  Inbox,
  PASSWORD,
  refusal,
  ROOT,
  until,
} from '../broker.test.support.js';
import type { Account } from '../accounts.js';
import {
  AUTHORITY,
  BAD_CERTIFICATES,
  clientCertificate,
  dial,
  fingerprint,
  materialOf,
  serverCertificate,
  startWith,
  way,
  wayWith,
} from './listeners.test.support.js';

const SECURE = ['tls', 'wss'] as const;
/** The certificate that a listener shows. */
async function shownBy(port: number): Promise<string> {
  const options = { host: '127.0.0.1', port, ca: AUTHORITY.certificate, servername: 'localhost' };
  const socket: TLSSocket = connectTls(options);
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'secureConnect');
  return socket.getPeerX509Certificate()?.toString() ?? 'none';
}

describe.each(SECURE)('a listener for %s', (kind) => {
  it('serves clients that know the authority of its certificate', async () => {
    const broker = await startWith(kind);
    const client = await connect(broker, way(kind));
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/event/#`, { qos: 1 });
    broker.emit(300, 'punch', 2_000);
    await inbox.count(300);
    expect(inbox.numbers).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  it('is left by clients that do not know the authority', async () => {
    const broker = await startWith(kind);
    const noTrust = { ca: [], rejectUnauthorized: true };
    const overWebSocket: ClientOptions & { servername: string } = { ...noTrust, servername: 'localhost' };
    const client = mqtt.connect({
      ...{ ...way(kind), ...noTrust, wsOptions: overWebSocket },
      ...{ port: broker.port, username: 'sub', password: PASSWORD, reconnectPeriod: 0 },
    });
    onTestFinished(() => {
      client.end(true);
    });
    const error = await new Promise((resolve) => client.once('error', resolve));
    expect(error).toHaveProperty('code', 'SELF_SIGNED_CERT_IN_CHAIN');
    await until(() => broker.stats().connections === 0);
    expect(broker.counters.of('broker/connected')).toBe(0);
  });

  it('logs in an account by its certificate, without a password', async () => {
    const broker = await startWith(kind);
    const client = await connect(broker, wayWith(kind, await clientCertificate('operator')));
    const granted = await client.subscribeAsync(`${ROOT}/event/mediate`);
    expect(granted.map(({ qos }) => qos)).toEqual([0]); // which a subscriber would not be granted
  });

  it.each(Object.entries(BAD_CERTIFICATES))('refuses a certificate %s', async (_, bad) => {
    const broker = await startWith(kind);
    expect(await refusal(broker, wayWith(kind, bad))).toBe(5);
    expect(broker.counters.of('broker/refused certificate')).toBe(1);
    expect(broker.counters.of('broker/connected')).toBe(0);
  });

  it('refuses a certificate for another account than the name says', async () => {
    const broker = await startWith(kind);
    const own = wayWith(kind, await clientCertificate('sub'));
    expect(await refusal(broker, { ...own, username: 'operator' })).toBe(5);
    expect(await refusal(broker, { ...own, username: 'sub' })).toBe(0);
  });

  it('lets an account that is bound to a certificate in by that one only', async () => {
    const [old, current] = [await clientCertificate('sub'), await clientCertificate('sub')];
    const bound: Account = { name: 'sub', role: 'subscriber', fingerprint: fingerprint(current) };
    const broker = await startWith(kind, { accounts: { find: () => bound } });
    expect(await refusal(broker, wayWith(kind, old))).toBe(5);
    expect(await refusal(broker, wayWith(kind, current))).toBe(0);
    // It has no password, so none is right.
    expect(await refusal(broker, { ...way(kind), username: 'sub', password: '' })).toBe(4);
  });

  it('takes a password from clients with and without a certificate', async () => {
    const broker = await startWith(kind);
    const login = { username: 'operator', password: PASSWORD };
    expect(await refusal(broker, { ...way(kind), ...login })).toBe(0);
    expect(await refusal(broker, { ...wayWith(kind, BAD_CERTIFICATES['that has expired']), ...login })).toBe(
      0,
    );
    expect(await refusal(broker, { ...way(kind), ...login, username: undefined, password: undefined })).toBe(
      5,
    );
  });

  it('ends the connection of an account that is taken away', async () => {
    const timers = new ManualTimers();
    let known = true;
    const find = (name: string) => (known ? accounts.find(name) : undefined);
    const broker = await startWith(kind, { timers, accounts: { find } });
    const client = await connect(broker, wayWith(kind, await clientCertificate('sub')));
    await timers.run(2_000);
    expect(client.connected).toBe(true);
    known = false;
    const end = ended(client);
    await timers.run(2_000);
    await end;
    expect(broker.counters.of('broker/account-changed')).toBe(1);
  });

  it('shows a new certificate after a reload, and connections that are open stay', async () => {
    let current = await serverCertificate();
    const broker = await startWith(kind, { tls: () => materialOf(current) });
    const client = await connect(broker, way(kind));
    const before = await shownBy(broker.port);
    current = await serverCertificate();
    expect(await shownBy(broker.port)).toBe(before);
    broker.reload();
    expect(await shownBy(broker.port)).toBe(`${current.certificate}\n`);
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/event/#`);
    broker.emit(1);
    await inbox.count(1);
  });

  it('keeps its certificate when a reload finds none', async () => {
    let fails = false;
    const good = materialOf(await serverCertificate());
    const broker = await startWith(kind, {
      tls: () => {
        if (fails) throw new Error('the key is gone');
        return good;
      },
    });
    const before = await shownBy(broker.port);
    fails = true;
    expect(() => {
      broker.reload();
    }).toThrow('the key is gone');
    expect(await shownBy(broker.port)).toBe(before);
  });

  it('closes a connection on which plain MQTT or garbage comes, and that one only', async () => {
    const broker = await startWith(kind);
    const witness = await connect(broker, way(kind));
    const login = {
      clientId: 'x',
      clean: true,
      keepalive: 60,
      username: 'sub',
      password: Buffer.from(PASSWORD),
    };
    const plain = generate({ cmd: 'connect', protocolVersion: 4, protocolId: 'MQTT', ...login });
    for (const bytes of [plain, Buffer.alloc(1_000), Buffer.from('GET /mqtt HTTP/1.1\r\n\r\n')]) {
      const socket = await dial(broker);
      socket.write(bytes);
      await closed(socket);
    }
    await until(() => broker.stats().connections === 1);
    expect(broker.counters.of('broker/refused tls')).toBe(3);
    expect(witness.connected).toBe(true);
  });

  it('speaks nothing older than TLS 1.2', async () => {
    const broker = await startWith(kind);
    const weak = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const socket = connectTls({ host: '127.0.0.1', port: broker.port, rejectUnauthorized: false, ...weak });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toMatch(/protocol version/);
  });

  it('cuts a handshake that does not go on, after five seconds', async () => {
    const timers = new ManualTimers();
    const broker = await startWith(kind, { timers });
    const idle = await dial(broker);
    const slow = await dial(broker);
    slow.write(Buffer.from([0x16, 3, 1, 2, 0, 1])); // the beginning of a ClientHello of 512 bytes
    await until(() => broker.stats().connections === 2);
    const witness = await connect(broker, way(kind));
    await timers.run(4_999);
    expect(broker.stats().connections).toBe(3);
    await timers.run(1);
    await Promise.all([closed(idle), closed(slow)]);
    expect(broker.counters.of('broker/refused handshake')).toBe(2);
    expect(witness.connected).toBe(true);
  });

  it('closes with the broker, in the middle of handshakes too', async () => {
    const broker = await startWith(kind);
    const half = await dial(broker);
    const done = await dial(broker, { tls: true });
    await until(() => broker.stats().connections === 2);
    await broker.close();
    await Promise.all([closed(half), closed(done)]);
  });
});

it('a broker whose TLS listener has no certificate does not start', async () => {
  await expect(startWith('tls', { tls: undefined })).rejects.toThrow('no certificate');
});
