/** The broker with everything on disk, beside Eclipse Mosquitto, whose persistence is not durable, in the same run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '@timeband/simulator';
import { ACCOUNT, BrokerBox } from '../../support/broker-box.js';
import { Mosquitto } from '../../support/mosquitto.js';
import { type Bench, byEvent, figuresOf } from '../figure.js';
import type { Login } from './raw-client.js';
import { stallDelayMs } from './stalled.js';

const MESSAGES = 200_000;
const BYTES = 120;
const WINDOW = 100;
const ROUNDS = 3;
const FANOUT = { subscribers: 200, messages: 1_000 };
const BACKLOG = 100_000;
/** A topic of its own for each measurement, so that no session gets another's messages. */
let runs = 0;

type Access = Omit<Login, 'clientId' | 'clean'>;

interface Run {
  readonly messages: number;
  readonly sessions?: number;
  readonly clean?: boolean;
}

function publisher(access: Access, topic: string, messages: number): Child {
  const login: Login = { ...access, clientId: 'publisher', clean: true };
  const args = [JSON.stringify(login), topic, String(BYTES), String(messages), String(WINDOW)];
  return new Child('the publisher', [program('publisher-process'), ...args]);
}

function subscriber(
  access: Access,
  topic: string,
  { messages, sessions = 1, clean = false }: Run,
  late = '',
): Child {
  const login: Login = { ...access, clientId: 'subscriber', clean };
  const args = [JSON.stringify(login), topic, '1', String(messages), String(sessions), late];
  return new Child('the subscriber', [program('subscriber-process'), ...args]);
}

/** One publisher, and sessions that receive all. @returns deliveries a second from the first to the last */
async function rate(access: Access, run: Run): Promise<number> {
  const topic = `bench/${++runs}`;
  const receiver = subscriber(access, topic, run);
  const received = receiver.expect(byEvent('done'));
  await receiver.expect(byEvent('ready'));
  const sender = publisher(access, topic, run.messages);
  await sender.expect(byEvent('ready'));
  const started = performance.now();
  sender.tell('go');
  const { wrong } = await received;
  const seconds = (performance.now() - started) / 1_000;
  await Promise.all([sender.ended, receiver.ended]);
  if (wrong !== 0) throw new Error(`${String(wrong)} messages out of order, missing or twice`);
  return (run.messages * (run.sessions ?? 1)) / seconds;
}

/** What waits for a session that comes back, acknowledged late. */
async function backlog(access: Access, messages: number): Promise<{ seconds: number; wrong: number }> {
  const topic = `bench/${++runs}`;
  const early = subscriber(access, topic, { messages });
  await early.expect(byEvent('ready'));
  early.kill();
  await early.ended;
  const sender = publisher(access, topic, messages);
  const sent = sender.expect(byEvent('done'));
  await sender.expect(byEvent('ready'));
  sender.tell('go');
  await sent;
  await sender.ended;
  const receiver = subscriber(access, topic, { messages }, 'late');
  const { wrong, ms } = await receiver.expect(byEvent('done'));
  await receiver.ended;
  return { seconds: Number(ms) / 1_000, wrong: Number(wrong) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

export const broker: Bench = {
  name: 'broker',
  about:
    'QoS 1 to a durable session with everything on disk, beside mosquitto; fan-out, a stalled reader, a backlog',
  run: async ({ say, scale }) => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-broker-'));
    const box = await BrokerBox.create({
      settings: {
        maxPublishRate: 1_000_000,
        maxQueuedMessages: 1_000_000,
        maxQueuedMb: 1_000,
        maxConnections: 1_000,
      },
    });
    const mosquitto = await Mosquitto.start({ dir });
    try {
      const ours: Access = { port: await box.start(), username: ACCOUNT, password: box.password };
      const theirs: Access = { port: mosquitto.port };
      const messages = Math.round(MESSAGES * scale);
      const shares: number[] = [];
      const rates: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        say(`round ${round} of ${ROUNDS}: ${messages} messages through each broker`);
        const other = await rate(theirs, { messages });
        const own = await rate(ours, { messages });
        say(`mosquitto ${Math.round(other)}/s, ours ${Math.round(own)}/s`);
        rates.push(own);
        shares.push(own / other);
      }
      say(`fan-out to ${FANOUT.subscribers} subscribers`);
      const { subscribers: sessions } = FANOUT;
      const fanout = await rate(ours, {
        messages: Math.max(50, FANOUT.messages * scale),
        sessions,
        clean: true,
      });
      say('a subscriber that does not read');
      const stalled = await stallDelayMs(ours);
      const waiting = Math.round(BACKLOG * scale);
      say(`a backlog of ${waiting}`);
      const { seconds, wrong } = await backlog(ours, waiting);
      const figure = figuresOf('broker');
      return [
        figure('share_of_mosquitto', median(shares), '', { atLeast: 0.5 }),
        figure('messages_per_second', median(rates), 'messages/s', { atLeast: 25_000 }),
        figure('fanout_per_second', fanout, 'messages/s', { atLeast: 40_000 }),
        figure('stall_delay_ms', stalled, 'ms', { atMost: 50 }),
        figure('backlog_seconds', seconds, 's'),
        figure('backlog_wrong', wrong, '', { atMost: 0 }),
      ];
    } finally {
      await box.close();
      await mosquitto.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
