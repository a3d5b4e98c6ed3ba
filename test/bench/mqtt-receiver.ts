/** The other process of the MQTT primitive: receives and counts. Arguments: port, messages. */
import { connectAsync } from 'mqtt';

const [port, messages] = process.argv.slice(2).map(Number);
const client = await connectAsync(`mqtt://127.0.0.1:${port ?? 0}`, { protocolVersion: 4 });
let received = 0;
let before = process.cpuUsage();
client.on('message', () => {
  received++;
  if (received === 1) before = process.cpuUsage();
  if (received === messages) {
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ event: 'done', cpuMicros: user + system }));
    client.end();
  }
});
await client.subscribeAsync('bench', { qos: 1 });
console.log(JSON.stringify({ event: 'subscribed' }));
