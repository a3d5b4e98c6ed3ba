/** A gateway after ten years: what a database of ten million records costs it. Linux only: it reads /proc. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Centre } from '../../support/centre.js';
import { type Bench, type BenchOptions, figuresOf, percentile } from '../figure.js';
import { rssMegabytes } from '../idle.js';
import { type CommunitySite, fill, readSite } from '../community/site.js';
import { derive } from '../ledger/derive.js';
import { Ingest } from './ingest.js';

const MANY = 10_000_000;
const FEW = 10_000;
/** Measured in turns, so that what else this machine does disturbs both alike. */
const TURNS = 7;
const ROUNDS = 30;
const SETTLE_MS = 10_000;
const NANOSECONDS_OF_MS = 1e6;

export const growth: Bench = {
  name: 'growth',
  about: 'a database of ten million records against one of ten thousand: ingest, start, memory, backup',
  run: async ({ say, scale }) => {
    const centre = await Centre.create();
    try {
      const site = readSite(centre);
      const records = Math.max(FEW, Math.round(MANY * scale));
      const many = String(centre.files['database']);
      const few = join(centre.dir, 'few.db');
      fill(few, FEW, site, () => undefined);
      fill(many, records, site, say);
      say('deriving the ledgers, as they would have been record by record');
      for (const file of [few, many]) await derive(file);
      const ingest = await measureIngest({ few, many }, site, say);
      const start = await measureStart(centre, say);
      const figure = figuresOf('growth');
      return [
        figure('records', records, 'records'),
        figure('ingest_at_10k', ingest.few, 'records/s'),
        figure('ingest_at_10m', ingest.many, 'records/s'),
        figure('share_at_10m', ingest.many / ingest.few, '', { atLeast: 0.8 }),
        figure('transaction_p99_ms', ingest.p99, 'ms', { atMost: 30 }),
        figure('loop_delay_p99_ms', ingest.loopP99, 'ms'),
        figure('backup_transaction_p99_ms', ingest.backupP99, 'ms', { atMost: 60 }),
        figure('backup_seconds', ingest.backupSeconds, 's'),
        figure('ready_ms', start.readyMs, 'ms', { atMost: 2_000 }),
        figure('rss_mb', start.rssMb, 'MB', { atMost: 150 }),
      ];
    } finally {
      await centre.close();
    }
  },
};

async function measureIngest(
  files: { readonly few: string; readonly many: string },
  site: CommunitySite,
  say: BenchOptions['say'],
) {
  const few = new Ingest(files.few, site);
  const many = new Ingest(files.many, site);
  await few.take(few.prepare(2));
  await many.take(many.prepare(2));
  say('taking records into both');
  const rates: { readonly few: number; readonly many: number }[] = [];
  const started = many.transactions.length;
  /** What others wait for: transactions, and what is done between them. */
  const delays: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const [forFew, forMany] = [few.prepare(ROUNDS), many.prepare(ROUNDS)];
    const fewRate = await few.take(forFew);
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    rates.push({ few: fewRate, many: await many.take(forMany) });
    loop.disable();
    delays.push(loop.percentile(99) / NANOSECONDS_OF_MS);
  }
  const p99 = percentile(many.transactions.slice(started), 0.99);
  say('backing up the many meanwhile');
  const copy = `${files.many}.copy`;
  const backupFrom = many.transactions.length;
  const begun = performance.now();
  let isOver = false;
  const backup = many.store.backup(copy).finally(() => {
    isOver = true;
  });
  const hasEnded = (): boolean => isOver;
  while (!hasEnded()) await many.take(many.prepare(1));
  await backup;
  const backupSeconds = (performance.now() - begun) / 1_000;
  const backupP99 = percentile(many.transactions.slice(backupFrom), 0.99);
  rmSync(copy);
  say('growing the tree over what was taken in, as a gateway does meanwhile');
  many.growTree();
  few.store.close();
  many.store.close();
  const median = (of: 'few' | 'many'): number =>
    percentile(
      rates.map((rate) => rate[of]),
      0.5,
    );
  const loopP99 = percentile(delays, 0.5);
  return { few: median('few'), many: median('many'), p99, loopP99, backupP99, backupSeconds };
}

async function measureStart(centre: Centre, say: BenchOptions['say']) {
  say('starting a gateway on the many');
  const { child, readyMs } = await centre.startGateway();
  await pause(SETTLE_MS);
  const rssMb = rssMegabytes(child.pid);
  await child.end();
  return { readyMs, rssMb };
}
