/** MQTT by itself: aedes in memory here, mqtt.js in another process, QoS 1, messages of an event's size. */
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { Child } from '@timeband/simulator';
import { byEvent } from './figure.js';

const MESSAGES = 60_000;
/** Publishes under way at once: enough to keep both processes busy. */
const WINDOW = 200;

/** Processor microseconds that one message costs the broker and the client. */
export async function measureMqtt(bytes: number): Promise<{ publishMicros: number; receiveMicros: number }> {
  const broker = await Aedes.createBroker();
  const server = createServer({ noDelay: true }, (socket) => {
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const program = fileURLToPath(new URL('./mqtt-receiver.js', import.meta.url));
  const receiver = new Child('the MQTT receiver', [program, String(port), String(MESSAGES)]);
  const finished = receiver.expect(byEvent('done'));
  try {
    await receiver.expect(byEvent('subscribed'));
    const payload = Buffer.alloc(bytes, 7);
    const before = process.cpuUsage();
    await publishAll(broker, payload);
    const done = await finished;
    const used = process.cpuUsage(before);
    return {
      publishMicros: (used.user + used.system) / MESSAGES,
      receiveMicros: Number(done['cpuMicros']) / MESSAGES,
    };
  } finally {
    receiver.kill();
    await new Promise<void>((resolve) => {
      broker.close(() => {
        server.close(() => {
          resolve();
        });
      });
    });
  }
}

function publishAll(broker: Aedes, payload: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let finished = 0;
    const publish = (): void => {
      if (sent === MESSAGES) return;
      sent++;
      broker.publish(
        { cmd: 'publish', topic: 'bench', payload, qos: 1, retain: false, dup: false },
        (error) => {
          if (error) reject(error);
          else if (++finished === MESSAGES) resolve();
          else publish();
        },
      );
    };
    for (let i = 0; i < WINDOW; i++) publish();
  });
}
