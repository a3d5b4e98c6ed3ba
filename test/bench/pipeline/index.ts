/** From framed bytes to an event received and verified by another process, everything durable. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addAccount } from '@timeband/gateway';
import { PrivateKey } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { Child } from '@timeband/simulator';
import { type Bench, type BenchOptions, byEvent, figuresOf } from '../figure.js';
import { bounds, measurePrimitives } from '../primitives.js';
import { makeSite } from '../site.js';
import { SEAL_RECORDS, writeRecording } from './recording.js';

const READERS = 8;
const RECORDS = 1_000_000;

interface Outcome {
  readonly records: number;
  readonly seconds: number;
  readonly gateway: Readonly<Record<string, unknown>>;
  readonly subscriber: Readonly<Record<string, unknown>>;
}

async function runPipeline(records: number, say: BenchOptions['say']): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-pipeline-'));
  const children: Child[] = [];
  try {
    const site = makeSite();
    const readerKey = PrivateKey.generate();
    const keys = { issuer: site.issuer, gateway: PrivateKey.generate(), reader: readerKey };
    for (const [name, key] of Object.entries(keys))
      writeFileSync(join(dir, `${name}.key`), writePrivateKeyPem(key), { mode: 0o600 });
    const accounts = join(dir, 'accounts.json');
    writeFileSync(accounts, '[]\n', { mode: 0o600 });
    const password = await addAccount(accounts, 'bench', 'subscriber');
    const share = Math.round(records / READERS / SEAL_RECORDS) * SEAL_RECORDS;
    say(`recording ${share * READERS} records of ${READERS} readers`);
    for (let i = 1; i <= READERS; i++) {
      const device = `reader-${i}`;
      writeRecording(
        dir,
        { device, thumbprint: site.certify(device, 'reader', readerKey).thumbprint },
        share,
      );
    }
    const total = share * READERS;
    const gateway = new Child('the gateway', [
      program('gateway-process'),
      dir,
      String(READERS),
      String(total),
    ]);
    children.push(gateway);
    const gatewayDone = gateway.expect(byEvent('done'));
    const { port } = await gateway.expect(byEvent('ready'));
    const files = [join(dir, 'issuer.key'), join(dir, 'gateway.key')];
    const subscriber = new Child('the subscriber', [
      program('subscriber-process'),
      String(port),
      'bench',
      password,
      ...files,
      String(total),
    ]);
    children.push(subscriber);
    const subscriberDone = subscriber.expect(byEvent('done'));
    await subscriber.expect(byEvent('subscribed'));
    say('running the pipeline');
    const started = performance.now();
    gateway.tell('go');
    const [gatewaySaid, subscriberSaid] = await Promise.all([gatewayDone, subscriberDone]);
    const seconds = (performance.now() - started) / 1_000;
    gateway.tell('end');
    await gateway.ended;
    return { records: total, seconds, gateway: gatewaySaid, subscriber: subscriberSaid };
  } finally {
    for (const child of children) child.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

export const pipeline: Bench = {
  name: 'pipeline',
  about: 'framed bytes to events verified by another process, a million records, everything on disk',
  run: async ({ say, scale }) => {
    const { records, seconds, gateway, subscriber } = await runPipeline(RECORDS * scale, say);
    const bound = bounds(await measurePrimitives(say));
    const perSecond = records / seconds;
    const figure = figuresOf('pipeline');
    return [
      figure('records_per_second', perSecond, 'records/s', { atLeast: 20_000 }),
      figure('share_of_bound', perSecond / bound.bound, '', { atLeast: 0.5 }),
      figure('bound', bound.bound, 'records/s'),
      figure('records', records, ''),
      figure('rss_max_mb', Number(gateway['rssMax']) / 2 ** 20, 'MB', { atMost: 220 }),
      figure('rss_growth_second_half_mb', Number(gateway['rssGrowth']) / 2 ** 20, 'MB'),
      figure('transaction_p99_ms', Number(gateway['transactionP99']), 'ms', { atMost: 30 }),
      figure('transaction_max_ms', Number(gateway['transactionMax']), 'ms'),
      figure('records_per_commit', records / Number(gateway['commits']), ''),
      figure('gateway_cpu_us_per_record', Number(gateway['cpuMicros']) / records, 'us'),
      figure('subscriber_cpu_us_per_record', Number(subscriber['cpuMicros']) / records, 'us'),
    ];
  },
};
