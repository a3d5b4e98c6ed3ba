/** Publishes at QoS 1 with a window. Arguments: login as JSON, topic, bytes, messages, window. Starts at a line on its input. */
import { once } from 'node:events';
import { type Login, publishFrames, RawClient } from './raw-client.js';

const [login = '', topic = '', bytes = '0', messages = '0', window = '0'] = process.argv.slice(2);
const total = Number(messages);
const client = await RawClient.open(JSON.parse(login) as Login);
console.log(JSON.stringify({ event: 'ready' }));
await once(process.stdin, 'data');
const started = Date.now();
let sent = 0;
let acknowledged = 0;
const send = (count: number): void => {
  const more = Math.min(count, total - sent);
  if (more > 0) client.socket.write(publishFrames(topic, Number(bytes), sent, more));
  sent += more;
};
client.onAcknowledged = (count) => {
  acknowledged += count;
  send(count);
  if (acknowledged < total) return;
  console.log(JSON.stringify({ event: 'done', ms: Date.now() - started }));
  process.exit();
};
send(Number(window));
