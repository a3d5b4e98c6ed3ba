/**
 * The subscriber of the pipeline benchmark: an MQTT client in a process of its own that verifies each event and that
 * none is missing. Arguments: port, account, password, issuer key file, gateway key file, expected events.
 */
import { readFileSync } from 'node:fs';
import { EventVerifier, equalBytes, gatewayTopics } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { connectAsync } from 'mqtt';
import { GATEWAY, makeSite, SITE } from '../site.js';

const [port = '', username = '', password = '', issuerFile = '', gatewayFile = '', expected = ''] =
  process.argv.slice(2);
const site = makeSite(readPrivateKeyPem(readFileSync(issuerFile, 'utf8')));
const verifier = new EventVerifier();
verifier.trust(site.certify(GATEWAY, 'gateway', readPrivateKeyPem(readFileSync(gatewayFile, 'utf8'))));

const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
  clientId: 'bench',
  clean: false,
  username,
  password,
  protocolVersion: 4,
});
let verified = 0;
let previous: Uint8Array | undefined;
let started = 0;
let before = process.cpuUsage();
client.on('message', (_topic, payload) => {
  if (verified === 0) {
    started = Date.now();
    before = process.cpuUsage();
  }
  const { event, hash } = verifier.verify(payload);
  if (event.seq !== verified + 1) throw new Error(`event ${event.seq} after ${verified}`);
  if (previous !== undefined && !equalBytes(previous, event.previous))
    throw new Error(`event ${event.seq} breaks the chain`);
  previous = hash;
  verified++;
  if (verified === Number(expected)) {
    const { user, system } = process.cpuUsage(before);
    console.log(
      JSON.stringify({ event: 'done', verified, cpuMicros: user + system, tookMs: Date.now() - started }),
    );
    client.end();
  }
});
await client.subscribeAsync(gatewayTopics(SITE, GATEWAY).events, { qos: 1 });
console.log(JSON.stringify({ event: 'subscribed' }));
