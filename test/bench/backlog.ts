/** A week without the city, and then everything goes up: events from the database to a mosquitto that confirms each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { Mosquitto } from '../support/mosquitto.js';
import { TOPICS } from '../support/city-reader.js';
import { UplinkBox, UplinkSite } from '../support/uplink-box.js';
import { cpuSeconds } from './idle.js';
import { type Bench, figuresOf } from './figure.js';

const EVENTS = 100_000;
/** What the uplink keeps under way unless told otherwise. */
const WINDOW = 500;
/** A gateway without a city signs heads all the same. */
const HEAD_EVENTS = 10_000;
const PATIENCE_MS = 300_000;
const SECONDS = 10;

/** Seconds that an MQTT client alone needs for the same bytes, which it has in memory, with the same window. */
async function publishPlain(url: string, messages: readonly Uint8Array[]): Promise<number> {
  const client = await connectAsync(url, { clientId: 'plain', protocolVersion: 4, reconnectPeriod: 0 });
  try {
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      let sent = 0;
      let confirmed = 0;
      const publish = (): void => {
        const message = messages[sent++];
        if (message === undefined) return;
        const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
        client.publish(TOPICS.event('punch'), bytes, { qos: 1 }, (error) => {
          if (error) reject(error);
          else if (++confirmed === messages.length) resolve();
          else publish();
        });
      };
      for (let i = 0; i < WINDOW; i++) publish();
    });
    return (performance.now() - started) / 1_000;
  } finally {
    await client.endAsync();
  }
}

export const backlog: Bench = {
  name: 'backlog',
  about: "a week's backlog of 100,000 events goes up to a local mosquitto, each confirmed",
  run: async ({ say, scale }) => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-backlog-'));
    const box = new UplinkBox(new UplinkSite(), dir);
    let broker: Mosquitto | undefined;
    try {
      broker = await Mosquitto.start({ dir });
      const url = `mqtt://127.0.0.1:${broker.port}`;
      const count = Math.max(1_000, Math.round(EVENTS * scale));
      say(`storing ${count} events`);
      for (let left = count; left > 0; left -= HEAD_EVENTS) {
        await box.punch(Math.min(left, HEAD_EVENTS));
        await box.signHead();
      }
      say('sending them up');
      const cpuBefore = cpuSeconds(process.pid);
      const started = performance.now();
      box.startUplink({ url, window: WINDOW });
      await box.until(({ backlog: waiting }) => waiting === 0, PATIENCE_MS);
      const seconds = (performance.now() - started) / 1_000;
      const cpu = cpuSeconds(process.pid) - cpuBefore;
      const { cursor } = box.uplink.report();
      if (cursor !== count) throw new Error(`${cursor} of ${count} events are confirmed`);
      say('the same bytes by an MQTT client alone');
      const messages = box.events.read(0, count).map(({ message }) => message);
      const plain = await publishPlain(url, messages);
      const bytes = messages.reduce((sum, message) => sum + message.length, 0);
      const figure = figuresOf('backlog');
      return [
        figure('seconds', seconds, 's', { atMost: SECONDS * Math.max(scale, 0.1) }),
        figure('events_per_second', count / seconds, 'events/s'),
        figure('plain_publish_seconds', plain, 's'),
        figure('share_of_plain_publish', plain / seconds, ''),
        figure('cpu_us_per_event', (cpu / count) * 1e6, 'us'),
        figure('bytes_per_event', bytes / count, 'bytes'),
        figure('events', count, ''),
      ];
    } finally {
      await box.close();
      await broker?.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
