import { once } from 'node:events';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import {
  closed,
  connect,
  Inbox,
  PASSWORD,
  rawSocket,
  ROOT,
  startBroker,
  until,
} from './broker.test.support.js';

const CONNECT: IConnectPacket = {
  cmd: 'connect',
  clientId: 'raw',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 60,
  username: 'sub',
  password: Buffer.from(PASSWORD),
};

describe('hostile bytes', () => {
  const half = generate(CONNECT).subarray(0, 20);
  const hostile: [string, Uint8Array][] = [
    ['garbage', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['zeros', Buffer.alloc(100)],
    ['ones', Buffer.alloc(100, 0xff)],
    ['a packet before CONNECT', generate({ cmd: 'pingreq' })],
    ['a CONNECT with a broken length', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f])],
    ['a CONNECT that ends within a string', Buffer.from([0x10, 4, 0, 9, 0x4d, 0x51])],
    [
      'a packet announced at 200 MB',
      Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x5f]), Buffer.alloc(70_000)]),
    ],
    [
      'a CONNECT of 100 KB',
      generate({ ...CONNECT, username: 'x'.repeat(50_000), password: Buffer.alloc(50_000) }),
    ],
  ];

  it.each(hostile)('close their own connection only: %s', async (_, bytes) => {
    const broker = await startBroker();
    const witness = await connect(broker);
    const inbox = new Inbox(witness);
    await witness.subscribeAsync(`${ROOT}/event/#`, { qos: 1 });
    const socket = await rawSocket(broker);
    socket.write(bytes);
    await closed(socket);
    broker.emit(1);
    await inbox.count(1);
    expect(broker.stats().connections).toBe(1);
  });

  it.each(hostile)('close their own connection only, after login: %s', async (_, bytes) => {
    const broker = await startBroker();
    const socket = await rawSocket(broker);
    socket.write(generate(CONNECT));
    expect(await once(socket, 'data')).toEqual([Buffer.from([0x20, 2, 0, 0])]);
    socket.write(bytes);
    if (bytes[0] === 0x10 && bytes.length === 6 && bytes[1] === 4) socket.end(); // a length of 4 and 4 bytes: complete
    // PINGREQ is what a client may send after login.
    if (bytes[0] === 0xc0) expect(await once(socket, 'data')).toEqual([Buffer.from([0xd0, 0])]);
    else await closed(socket);
    await connect(broker);
  });

  it('may come one at a time: a proper CONNECT split at every byte is answered', async () => {
    const broker = await startBroker();
    const socket = await rawSocket(broker);
    socket.setNoDelay(true);
    const bytes = generate(CONNECT);
    for (let i = 0; i < bytes.length; i++) {
      await new Promise((resolve) => socket.write(bytes.subarray(i, i + 1), resolve));
    }
    expect(await once(socket, 'data')).toEqual([Buffer.from([0x20, 2, 0, 0])]);
  });

  it('that are half a CONNECT hold up nobody, and no connection outlives the broker', async () => {
    const broker = await startBroker();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => rawSocket(broker)));
    for (const socket of sockets) socket.write(half);
    await connect(broker);
    await broker.close();
    await Promise.all(sockets.map(closed));
  });

  it('in endless SUBSCRIBE packets make nothing grow', async () => {
    const broker = await startBroker();
    const socket = await rawSocket(broker);
    socket.write(generate(CONNECT));
    await once(socket, 'data');
    const subscriptions = Array.from({ length: 1_000 }, (_, i) => ({
      topic: `${ROOT}/event/t${i}`,
      qos: 1 as const,
    }));
    socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
    await once(socket, 'data');
    expect(broker.counters.of('broker/subscribe-denied count')).toBe(950);
  });

  it('are refused beyond 256 connections', async () => {
    const broker = await startBroker();
    const sockets = await Promise.all(Array.from({ length: 256 }, () => rawSocket(broker)));
    await until(() => broker.stats().connections === 256);
    await closed(await rawSocket(broker));
    expect(broker.counters.of('broker/refused connections')).toBe(1);
    sockets[0]?.destroy();
    await until(() => broker.stats().connections === 255);
    await connect(broker);
  });
});
