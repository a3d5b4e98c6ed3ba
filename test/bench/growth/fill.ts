/**
 * Fills a gateway's database with years of records, every one of them as valid as the committer would have written it:
 * chained, sealed, with its event, in signed commits, in the tree. Only nobody waits for the disk after each commit.
 */
import {
  type Certificate,
  decodeCose,
  encodeEventAt,
  type EventContent,
  eventGenesis,
  eventHash,
  MerkleTree,
  type PrivateKey,
  randomBytes,
  sha256,
  signCommit,
} from '@timeband/protocol';
import { LogTree, Store } from '@timeband/gateway';
import { BenchLog, type StoredLog } from './bench-log.js';

/** Logs of a town: those of its bands that came by, and of its readers. */
const LOGS = 2_000;
/** Records under one seal, seals of a commit, commits between two waits for the disk. */
const SEAL_RECORDS = 50;
const COMMIT_SEALS = 10;
const TRANSACTION_COMMITS = 20;
/** One of so many events was an act that counted; two of so many were proven with a tag's counter. */
const ONE_IN = 5;
const TAGS = 7_000;

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
  /** Unix seconds. */
  readonly recorded: number;
  readonly progress: (done: number) => void;
}

interface FilledLog {
  readonly made: BenchLog;
  stored: StoredLog;
}

export function fillDatabase(options: FillOptions): void {
  const { file, key, certificate, records, site, recorded, progress } = options;
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
  let turn = 0;
  const commit = (): void => {
    const contents: EventContent[] = [];
    for (let i = 0; i < COMMIT_SEALS; i++) {
      const log = logs[turn++ % logs.length];
      if (log !== undefined) contents.push(...writeSeal(store, log, head + contents.length));
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
  // Tags that are bound to nobody post nothing.
  store.ledger.setProgress(head);
  store.close();
}

function openLogs(store: Store, { site, deviceKey, certify, records }: FillOptions): FilledLog[] {
  const logs: FilledLog[] = [];
  const count = Math.max(1, Math.min(LOGS, Math.floor(records / SEAL_RECORDS)));
  store.transaction(() => {
    for (let i = 1; i <= count; i++) {
      const made = new BenchLog(site, certify(`band-${i}`), deviceKey);
      logs.push({ made, stored: made.open(store) });
    }
  });
  return logs;
}

/** Stores the next records of a log, their seal and what is derived of them. @returns what their events say */
function writeSeal(store: Store, log: FilledLog, head: number): EventContent[] {
  const { made, stored } = log;
  const { seal, records, hashes } = made.next(SEAL_RECORDS);
  const { payload = new Uint8Array() } = decodeCose(seal);
  const sealId = sha256(payload);
  const sealKey = store.insertSeal(sealId, stored.key, seal);
  const time = { earliest: 1_790_000_000, latest: 1_790_000_003 };
  const contents = records.map((record, i): EventContent => {
    const seq = head + i + 1;
    const logSeq = stored.head + i + 1;
    const logPrevious = hashes[i] ?? made.genesis;
    store.insertRecord({ log: stored.key, seq: logSeq, previous: logPrevious, bytes: record }, sealKey);
    const act = seq % ONE_IN === 0 ? randomBytes(32) : undefined;
    const evidence = act !== undefined ? 2 : seq % ONE_IN < 3 ? 1 : 0;
    const band = `tag-${seq % TAGS}`;
    store.insertEvent({ seq, log: stored.key, logSeq, evidence, time, minutes: 45, band, act });
    if (act !== undefined) store.evidence.addAct(act, stored.key, seq);
    if (evidence === 1) store.evidence.addCounter({ subject: band, value: Math.floor(seq / TAGS) }, time);
    const { device, logId } = stored;
    const place = { type: 'punch', device, logId, logSeq, logPrevious, record, sealId };
    return { ...place, evidence, time, band, minutes: 45, act };
  });
  log.stored = { ...stored, head: stored.head + SEAL_RECORDS, hash: hashes.at(-1) ?? stored.hash };
  store.advanceLog(log.stored);
  return contents;
}
