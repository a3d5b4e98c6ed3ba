/**
 * The gateway of the pipeline benchmark: every step that ships, from framed bytes to its broker, with readers that
 * play recordings. Arguments: folder, readers, records of each. Prints `ready`, waits for a line, prints `done`.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Accounts,
  Assessor,
  DeviceKeys,
  Bands,
  Committer,
  createBroker,
  EventLog,
  Poller,
  Session,
  Store,
  Visits,
} from '@timeband/gateway';
import { GatewayClock, systemTimers } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { pino } from 'pino';
import { percentile } from '../figure.js';
import { GATEWAY, makeSite, SITE } from '../site.js';
import { RecordedReader } from './recorded-reader.js';
import { Recording, SEAL_RECORDS } from './recording.js';

const [dir = '', readerCount = '0', total = '0'] = process.argv.slice(2);
const site = makeSite(readPrivateKeyPem(readFileSync(join(dir, 'issuer.key'), 'utf8')));
const gatewayKey = readPrivateKeyPem(readFileSync(join(dir, 'gateway.key'), 'utf8'));
const readerKey = readPrivateKeyPem(readFileSync(join(dir, 'reader.key'), 'utf8'));
const certificate = site.certify(GATEWAY, 'gateway', gatewayKey);
const log = pino({ level: 'warn' }, pino.destination(2));
const wallClock = (): number => Date.now() / 1_000;
const transactions: number[] = [];

const store = new Store(join(dir, 'gateway.db'));
const events = new EventLog(store, gatewayKey, certificate);
const counters = { count: () => undefined };
const broker = await createBroker({
  site: SITE,
  gateway: GATEWAY,
  listeners: [{ kind: 'tcp', host: '127.0.0.1', port: 0, path: '/mqtt', allowedOrigins: [] }],
  accounts: new Accounts(join(dir, 'accounts.json')),
  source: events,
  cursors: store.cursors,
  tables: store.mqtt,
  log,
  counters,
  timers: systemTimers,
});
const bands = new Bands({ site: SITE, store, trust: site.trust });
const assessor = new Assessor({ site: SITE, store, bands });
const visits = new Visits(store);
const committer = new Committer({
  store,
  assessor,
  visits,
  events,
  wallClock,
  committed: (published) => {
    broker.committed(published);
    if (published.at(-1)?.seq === Number(total)) finish();
  },
  unreadable: (device, seq, error) => {
    throw new Error(`record ${seq} of ${device}: ${error.message}`);
  },
  timed: (ms) => transactions.push(ms),
});
const context = {
  site: SITE,
  gateway: GATEWAY,
  credentials: { key: gatewayKey, certificate, issuer: certificate, trust: site.trust },
  store,
  assessor,
  bands,
  visits,
  committer,
  poller: new Poller(systemTimers),
  timers: systemTimers,
  wallClock,
  clock: new GatewayClock({
    wall: wallClock,
    monotonic: () => systemTimers.now() / 1_000,
    floor: certificate.notBefore,
  }),
  deviceKeys: new DeviceKeys(),
  policies: { revocations: 0, revision: 0, documents: [] },
  counters,
  log,
  sealRecords: SEAL_RECORDS,
};
const sessions = Array.from({ length: Number(readerCount) }, (_, i) => {
  const device = `reader-${i + 1}`;
  const reader = site.certify(device, 'reader', readerKey);
  const recording = new Recording(dir, { device, thumbprint: reader.thumbprint });
  return new Session(new RecordedReader(device, readerKey, reader.bytes, recording), context);
});

console.log(JSON.stringify({ event: 'ready', port: broker.port }));
await once(process.stdin, 'data');
const rss: number[] = [];
const sampling = setInterval(() => rss.push(process.memoryUsage.rss()), 100);
const before = process.cpuUsage();
for (const session of sessions) void session.run();

function finish(): void {
  clearInterval(sampling);
  const used = process.cpuUsage(before);
  const middle = rss.slice(Math.floor(rss.length / 2));
  console.log(
    JSON.stringify({
      event: 'done',
      commits: transactions.length,
      transactionP99: percentile(transactions, 0.99),
      transactionMax: Math.max(...transactions),
      cpuMicros: used.user + used.system,
      rssMax: Math.max(...rss, process.memoryUsage.rss()),
      /** Of the second half: its end against its beginning shows whether memory still grows. */
      rssGrowth: (middle.at(-1) ?? 0) - (middle[0] ?? 0),
    }),
  );
}

// The subscriber says when it has everything; then this ends.
await once(process.stdin, 'data');
await Promise.all(sessions.map((session) => session.close()));
await broker.close();
store.close();
process.exit(0);
