/**
 * Receives in so many sessions, in order and nothing twice. Arguments: login as JSON, topic, QoS, messages each, sessions, and
 * `late` to hold acknowledgements back and send them in bursts.
 */
import { type Login, RawClient } from './raw-client.js';

const [login = '', topic = '', qos = '1', messages = '0', sessions = '1', late = ''] = process.argv.slice(2);
const total = Number(messages);
const base = JSON.parse(login) as Login;
let complete = 0;
let wrong = 0;
let first = 0;

async function open(i: number): Promise<void> {
  const clientId = Number(sessions) > 1 ? `${base.clientId}-${i}` : base.clientId;
  const client = await RawClient.open({ ...base, clientId });
  let next = 0;
  const owed: number[] = [];
  client.autoAck = late === '';
  client.onPublish = (payload, id) => {
    if (next === 0 && first === 0) first = Date.now();
    if (payload.readUInt32BE(0) !== next) wrong++;
    next++;
    if (late !== '' && id > 0 && owed.push(id) === 1) {
      setTimeout(() => {
        client.acknowledge(owed.splice(0));
      }, 2);
    }
    if (next === total && ++complete === Number(sessions)) {
      console.log(JSON.stringify({ event: 'done', wrong, ms: Date.now() - first }));
      setTimeout(() => process.exit(), 100);
    }
  };
  await client.subscribe(topic, qos === '1' ? 1 : 0);
}

for (let i = 0; i < Number(sessions); i++) await open(i);
console.log(JSON.stringify({ event: 'ready' }));
