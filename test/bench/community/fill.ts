/**
 * Fills a gateway's database with a year of a community's records, every one of them as valid as the committer would have
 * written it: chained, sealed, with its event, in signed commits, in the tree. Only nobody waits for the disk after each
 * commit, and the ledger derives what it says from the events when they are all there.
 */
import {
  type Certificate,
  decodeCose,
  encodeEventAt,
  type EventContent,
  eventGenesis,
  eventHash,
  KIND,
  MerkleTree,
  type PrivateKey,
  randomBytes,
  sha256,
  signCommit,
  tagId,
} from '@timeband/protocol';
import { LogTree, Store } from '@timeband/gateway';
import { BenchLog, type StoredLog } from './bench-log.js';
import {
  accountOf,
  ANSWERING,
  type Act,
  comeAndGo,
  enrolment,
  RESIDENTS,
  SEAL_RECORDS,
  STAY_SECONDS,
  tagOf,
} from './residents.js';

/** Logs of a town: those of its bands that came by, and of its readers. */
const LOGS = 2_000;
/** Seals of a commit, commits between two waits for the disk. */
const COMMIT_SEALS = 10;
const TRANSACTION_COMMITS = 20;
/** One of so many events was an act of two devices; two of so many were proven with a tag's counter. */
const ONE_IN = 5;
const YEAR_SECONDS = 365 * 86_400;
/** From an act to its commit, seconds. */
const SOON = 5;

export interface FillOptions {
  readonly file: string;
  readonly site: string;
  /** Of the gateway. */
  readonly key: PrivateKey;
  readonly certificate: Certificate;
  /** One key for all devices: what a seal is signed with does not change what is stored. */
  readonly deviceKey: PrivateKey;
  readonly certify: (device: string) => Certificate;
  readonly records: number;
  /** Where the year ends, Unix seconds. */
  readonly until: number;
  readonly progress: (done: number) => void;
}

interface FilledLog {
  readonly made: BenchLog;
  stored: StoredLog;
}

export function fillDatabase(options: FillOptions): void {
  const { file, key, certificate, records, site, until, progress } = options;
  const store = new Store(file);
  store.epochs.keepSigner(certificate.kid, certificate.bytes);
  const logs = openLogs(store, options);
  const hashes: Uint8Array[] = []; // of the events that the tree has not seen
  let head = 0;
  let previous = eventGenesis(site, certificate.subject, certificate.thumbprint, 1);
  const tree = new LogTree(
    {
      epoch: 1,
      get head() {
        return head;
      },
      hashes: (first, last) => hashes.slice(first - 1 - head + hashes.length, last - head + hashes.length),
    },
    store.logTree,
  );
  const acts = actsOfAYear(options);
  let turn = 0;
  const commit = (): void => {
    // Seals of one commit overlap, as those of readers that stand side by side do; the last one ends last.
    const started = Math.floor(until - YEAR_SECONDS + (head / records) * (YEAR_SECONDS - STAY_SECONDS));
    const recorded = started + STAY_SECONDS + SOON;
    const contents: EventContent[] = [];
    for (let i = 0; i < COMMIT_SEALS; i++) {
      const log = logs[turn++ % logs.length];
      const next = acts.next();
      if (log === undefined || next.done === true) break;
      contents.push(...writeSeal(store, log, { acts: next.value, head: head + contents.length, started }));
    }
    const first = head + 1;
    const before = previous;
    const place = { site, gateway: certificate.subject, epoch: 1, recorded };
    const leaves = contents.map((content) => {
      previous = eventHash(encodeEventAt({ ...place, seq: ++head, previous }, content));
      return previous;
    });
    hashes.push(...leaves);
    const signature = signCommit(key, site, new MerkleTree(leaves).root);
    store.insertCommit({ first, last: head, previous: before, head: previous, recorded, ...signature });
  };
  while (head < records) {
    store.transaction(() => {
      for (let i = 0; i < TRANSACTION_COMMITS && head < records; i++) commit();
    });
    tree.grow(head, Infinity);
    // The last events are of a subtree that is not whole yet.
    hashes.splice(0, hashes.length - (head % 256));
    progress(head);
  }
  // Nobody asks for anything in this year.
  store.courses.setProgress(head);
  for (const kind of [KIND.request, KIND.meal, KIND.mediate])
    store.courses.putKind({ kind, event: head, until: head });
  store.close();
}

/** By seals: first everybody is given a tag. */
function* actsOfAYear({ until }: FillOptions): Generator<readonly Act[], undefined> {
  const at = until - YEAR_SECONDS;
  const given = [
    ...ANSWERING.map((band) => enrolment(band, band.replace('band', 'resident'), at)),
    ...Array.from({ length: RESIDENTS }, (_, i) => enrolment(tagId(tagOf(i)), accountOf(i), at)),
  ];
  for (let i = 0; i < given.length; i += SEAL_RECORDS) yield given.slice(i, i + SEAL_RECORDS);
  for (let turn = 0; ; turn++) yield comeAndGo(turn);
}

function openLogs(store: Store, { site, deviceKey, certify, records }: FillOptions): FilledLog[] {
  const logs: FilledLog[] = [];
  const count = Math.max(1, Math.min(LOGS, Math.floor(records / SEAL_RECORDS)));
  store.transaction(() => {
    for (let i = 1; i <= count; i++) {
      const made = new BenchLog(site, certify(`log-${i}`), deviceKey);
      logs.push({ made, stored: made.open(store) });
    }
  });
  return logs;
}

interface FilledSeal {
  readonly acts: readonly Act[];
  readonly head: number;
  /** Unix seconds. */
  readonly started: number;
}

/** Stores the next records of a log, their seal and what is derived of them. @returns what their events say */
function writeSeal(store: Store, log: FilledLog, { acts, head, started }: FilledSeal): EventContent[] {
  const { made, stored } = log;
  const { seal, records, hashes } = made.next(acts);
  const { payload = new Uint8Array() } = decodeCose(seal);
  const sealId = sha256(payload);
  const sealKey = store.insertSeal(sealId, stored.key, seal);
  const contents = acts.map((of, i): EventContent => {
    const { type, band, minutes, evidence } = of;
    const record = records[i] ?? new Uint8Array();
    const seq = head + i + 1;
    const logSeq = stored.head + i + 1;
    const logPrevious = hashes[i] ?? made.genesis;
    const time = { earliest: started + of.since - 3, latest: started + of.since };
    store.insertRecord({ log: stored.key, seq: logSeq, previous: logPrevious, bytes: record }, sealKey);
    const act = seq % ONE_IN === 0 ? randomBytes(32) : undefined;
    store.insertEvent({ seq, log: stored.key, logSeq, evidence, time, minutes, band, act });
    if (act !== undefined) store.evidence.addAct(act, stored.key, seq);
    if (band !== undefined && seq % ONE_IN < 3)
      store.evidence.addCounter({ subject: band, value: seq }, time);
    const { device, logId } = stored;
    const place = { type, device, logId, logSeq, logPrevious, record, sealId };
    return { ...place, evidence, time, band, minutes, act };
  });
  log.stored = { ...stored, head: stored.head + acts.length, hash: hashes.at(-1) ?? stored.hash };
  store.advanceLog(log.stored);
  return contents;
}
