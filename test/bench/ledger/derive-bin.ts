/** `derive-bin FILE`: derives the ledger of a database anew and prints what that took, as JSON. */
import { keepHeapSmall, Ledger, Store } from '@timeband/gateway';
import { decodeRecord } from '@timeband/protocol';
import { percentile } from '../figure.js';
import { accountOf, RESIDENTS } from '../community/residents.js';
import type { Derived } from './derive.js';

const ZONE = 'Asia/Shanghai';
const PAGE = 1_000;
/** Events that are read to see how fast that goes. */
const READ = 200_000;
const ASKED = 200;

keepHeapSmall();
const file = String(process.argv[2]);
const store = new Store(file);
const records = store.lastCommit()?.last ?? 0;
const ledger = new Ledger({ store, timeZone: ZONE });

const started = performance.now();
ledger.rebuild();
const perSecond = records / seconds(started);
if (ledger.problem !== undefined) throw new Error(ledger.problem);
const digest = ledger.digest();
const rssMb = process.resourceUsage().maxRSS / 1_024;

const opening = performance.now();
const opened = new Ledger({ store, timeZone: ZONE });
opened.catchUp();
const openMs = performance.now() - opening;

const someone = (i: number): string => accountOf(Math.floor((i * RESIDENTS) / ASKED));
const balances = Array.from({ length: ASKED }, (_, i) => timed(() => opened.balance(someone(i))));
const now = Number(store.commitOf(records)?.recorded);
const past = Array.from({ length: ASKED }, (_, i) =>
  timed(() => opened.balance(someone(i), now - (i / ASKED) * 365 * 86_400)),
);
let statementLines = 0;
const statements = Array.from({ length: ASKED }, (_, i) =>
  timed(() => {
    statementLines = Math.max(statementLines, opened.statement(someone(i)).length);
  }),
);
const derived: Derived = {
  ...{ digest, entries: store.ledger.newestEntry, perSecond, readPerSecond: read(), rssMb, openMs },
  balanceMs: percentile(balances, 0.5),
  pastBalanceMs: percentile(past, 0.5),
  statementMs: percentile(statements, 0.5),
  statementLines,
};
store.close();
console.log(JSON.stringify(derived));

function read(): number {
  const from = performance.now();
  const last = Math.min(records, READ);
  let kinds = 0;
  for (let first = 1; first <= last; first += PAGE)
    for (const { record } of store.events(first, Math.min(last, first + PAGE - 1)))
      kinds += decodeRecord(record).kind;
  if (kinds === 0) throw new Error('there is nothing to read');
  return last / seconds(from);
}

function seconds(from: number): number {
  return (performance.now() - from) / 1_000;
}

function timed(run: () => unknown): number {
  const from = performance.now();
  run();
  return performance.now() - from;
}
