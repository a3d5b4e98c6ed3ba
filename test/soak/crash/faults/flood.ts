/** Ten thousand hostile frames and connections: on a serial line, at the broker's doors, and at the monitoring port. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PtyPort, type Random } from '@timeband/simulator';
import { pause } from '../gateway-program.js';
import type { Stage } from '../stage.js';
import type { Fault } from './fault.js';

/** Of each of the kinds. */
const EACH = 2_000;
/** At a time: fewer than the broker lets in, or the honest would have to stay outside too. */
const AT_ONCE = 40;
const MOST_GROWTH_MB = 150;
const PATIENCE_MS = 2_000;

export const floodFaults: Readonly<Record<string, Fault>> = {
  flood: {
    says: '10,000 hostile frames and connections: serial, MQTT, TLS, WebSocket and HTTP',
    happen: async (stage) => {
      const { site, gateway } = stage;
      const { mqtt, tls, webSocket, monitor } = site.ports;
      const pid = gateway.pid;
      const before = residentMegabytes(pid);
      await Promise.all([
        noise(stage),
        knock(mqtt, stage.random, mqttGarbage),
        knock(tls, stage.random, tlsGarbage),
        knock(webSocket, stage.random, httpGarbage),
        knock(monitor, stage.random, httpGarbage),
      ]);
      await stage.flows();
      const { ready, bad } = await gateway.readiness();
      if (!ready) throw new Error(`not ready after a flood: ${bad.join('; ')}`);
      const growth = residentMegabytes(pid) - before;
      if (growth > MOST_GROWTH_MB) throw new Error(`a flood left ${Math.round(growth)} MB more in memory`);
      return `${5 * EACH} of them; memory grew by ${Math.round(growth)} MB`;
    },
  },
};

/** A reader that speaks nonsense, in lines and without. */
async function noise({ site, random }: Stage): Promise<void> {
  const port = new PtyPort({ link: join(site.readerDir, 'noise'), onData: () => undefined });
  try {
    for (let frame = 0; frame < EACH; frame++) {
      while (port.unread > 8_192) await pause(5);
      port.write(serialGarbage(random));
      if (frame % 50 === 0) await pause(1);
    }
  } finally {
    port.unplug();
  }
}

async function knock(port: number, random: Random, make: (random: Random) => Uint8Array): Promise<void> {
  let left = EACH;
  const one = async (): Promise<void> => {
    while (left-- > 0) await visit(port, make(random), random.below(3) > 0);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** Connects, says something, and leaves: in order, or in the middle. */
function visit(port: number, bytes: Uint8Array, inOrder: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    socket.on('data', () => undefined);
    socket.write(bytes, () => {
      if (inOrder) socket.end();
      else socket.resetAndDestroy();
    });
  });
}

const CONNECT = Buffer.from([
  0x10,
  0x10,
  0,
  4,
  ...Buffer.from('MQTT'),
  4,
  2,
  0,
  60,
  0,
  4,
  ...Buffer.from('evil'),
]);

function mqttGarbage(random: Random): Uint8Array {
  const kinds = [
    () => random.bytes(1 + random.below(300)),
    () => CONNECT,
    // Says that 256 MB will follow.
    () => Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), random.bytes(64)]),
    () => Buffer.concat([CONNECT, Buffer.from([0x30, 0x05, 0x00, 0x03]), random.bytes(3)]),
    () => CONNECT.subarray(0, 1 + random.below(CONNECT.length - 1)),
  ];
  return (kinds[random.below(kinds.length)] ?? (() => CONNECT))();
}

function tlsGarbage(random: Random): Uint8Array {
  const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), random.bytes(200)]);
  return random.below(2) === 0 ? hello : random.bytes(1 + random.below(300));
}

function httpGarbage(random: Random): Uint8Array {
  const kinds = [
    () => random.bytes(1 + random.below(300)),
    () => Buffer.from(`GET /${'a'.repeat(9_000)} HTTP/1.1\r\n\r\n`),
    () => Buffer.from('POST /metrics HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nx'),
    () => Buffer.from('GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    () => Buffer.from('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n'),
  ];
  return (kinds[random.below(kinds.length)] ?? (() => Buffer.from('GET')))();
}

function serialGarbage(random: Random): Uint8Array {
  const body = random.bytes(1 + random.below(200));
  const line = Buffer.concat([
    Buffer.from([6, 9]),
    Buffer.from(Buffer.from(body).toString('base64')),
    Buffer.from('\n'),
  ]);
  return random.below(2) === 0 ? line : body;
}

function residentMegabytes(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_000;
}
