/** How much a subscriber that does not read delays one that does. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../figure.js';
import { type Login, publishFrames, RawClient } from './raw-client.js';

const MESSAGES = 1_000;
const BYTES = 8_000;

/** @returns ms that all but the slowest hundredth of messages need more with a stalled subscriber than without */
export async function stallDelayMs(access: Omit<Login, 'clientId' | 'clean'>): Promise<number> {
  const alone = await slow(access, 'bench/alone', false);
  return Math.max(0, (await slow(access, 'bench/stalled', true)) - alone);
}

async function slow(
  access: Omit<Login, 'clientId' | 'clean'>,
  topic: string,
  stall: boolean,
): Promise<number> {
  const open = (clientId: string) => RawClient.open({ ...access, clientId, clean: true });
  const [stalled, reader, sender] = [await open('stalled'), await open('reader'), await open('sender')];
  if (stall) {
    await stalled.subscribe(topic, 0);
    stalled.socket.pause();
  }
  await reader.subscribe(topic, 1);
  const sentAt: number[] = [];
  const took: number[] = [];
  const done = new Promise<void>((resolve) => {
    reader.onPublish = (payload) => {
      const number = payload.readUInt32BE(0);
      took.push(performance.now() - (sentAt[number] ?? 0));
      if (number === MESSAGES - 1) resolve();
    };
  });
  for (let i = 0; i < MESSAGES; i++) {
    sentAt[i] = performance.now();
    sender.socket.write(publishFrames(topic, BYTES, i, 1));
    if (i % 2 === 1) await pause(1);
  }
  await done;
  for (const { socket } of [stalled, reader, sender]) socket.destroy();
  return percentile(took, 0.99);
}
