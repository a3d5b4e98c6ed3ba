/** From a tap to the reader's feedback, over a pseudo-terminal paced at 115200 baud, and to the sealed event over MQTT. */
import { setTimeout as pause } from 'node:timers/promises';
import { COMMAND, encode, encodeRecord, framedLength, HEADER_BYTES } from '@timeband/protocol';
import { Centre } from '../support/centre.js';
import { type Bench, figuresOf, percentile } from './figure.js';
import { sampleRecord } from './samples.js';

const READERS = 3;
const TAPS_EACH = 100;
const BAUD = 115_200;
/** Between two taps at one reader: people, not a metronome. */
const GAP_MS = { least: 600, most: 2_400 };

/** Milliseconds that the line alone needs for a tap: the status question, its answer with the record, the feedback. */
function lineMs(): number {
  const status = encode(COMMAND.status.encodeRequest({ seen: 120 }));
  const newest = encodeRecord(sampleRecord(121));
  const answer = encode(
    COMMAND.status.encodeAnswer({ head: 121, sealed: 120, boot: 3, full: false, newest }),
  );
  const feedback = encode(COMMAND.feedback.encodeRequest({ seq: 121, outcome: 'accepted', minutes: 45 }));
  const bytes = [status, answer, feedback].reduce(
    (sum, body) => sum + framedLength(HEADER_BYTES + body.length),
    0,
  );
  return (bytes * 10 * 1_000) / BAUD;
}

export const tap: Bench = {
  name: 'tap',
  about: 'tap to feedback and to the sealed event, three readers at 115200 baud',
  run: async ({ say, scale }) => {
    const centre = await Centre.create();
    try {
      await centre.startGateway();
      const client = await centre.subscribe();
      const feedback: number[] = [];
      const sealed: number[] = [];
      const tappedAt = new Map<string, number>();
      client.mqtt.on('message', () => {
        const event = client.events.at(-1)?.event;
        const at = event && tappedAt.get(`${event.device}/${event.logSeq}`);
        if (at !== undefined) sealed.push(performance.now() - at);
      });
      const readers = await Promise.all(
        Array.from({ length: READERS }, (_, i) =>
          centre.startReader(`reader-${i + 1}`, ['--rate', '0', '--bands', '40']),
        ),
      );
      await client.until((events) => new Set(events.map(({ event }) => event.device)).size === READERS);
      const taps = Math.max(5, Math.round(TAPS_EACH * scale));
      say(`${taps} taps at each of ${READERS} readers`);
      await Promise.all(
        readers.map(async (reader) => {
          reader.onMessage((message) => {
            if (message['event'] === 'logged')
              tappedAt.set(`${reader.name}/${String(message['seq'])}`, performance.now());
            if (message['event'] === 'feedback') feedback.push(Number(message['afterMs']));
          });
          for (let i = 0; i < taps; i++) {
            await pause(GAP_MS.least + Math.random() * (GAP_MS.most - GAP_MS.least));
            reader.tell(`tap ${Math.floor(Math.random() * 40)}`);
          }
        }),
      );
      await client.until(
        (events) => events.filter(({ event }) => event.type === 'punch').length === taps * READERS,
      );
      const median = percentile(feedback, 0.5);
      const figure = figuresOf('tap');
      return [
        figure('p50_ms', median, 'ms', { atMost: 70 }),
        figure('p99_ms', percentile(feedback, 0.99), 'ms', { atMost: 120 }),
        figure('line_ms', lineMs(), 'ms'),
        figure('line_share', lineMs() / median, ''),
        figure('sealed_p50_ms', percentile(sealed, 0.5), 'ms', { atMost: 1_200 }),
        figure('sealed_p99_ms', percentile(sealed, 0.99), 'ms'),
        figure('taps', taps * READERS, ''),
        figure('answered', feedback.length / (taps * READERS), '', { atLeast: 1 }),
      ];
    } finally {
      await centre.close();
    }
  },
};
