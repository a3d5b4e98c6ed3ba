/** A record, an event and a commit of the usual size, for measuring what is done to them. */
import {
  encodeCommit,
  encodeEvent,
  encodeRecord,
  type Event,
  eventHash,
  KIND,
  MerkleTree,
  PrivateKey,
  punchBody,
  randomBytes,
  type Record,
  signCommit,
} from '@timeband/protocol';
import { GATEWAY, makeSite, SITE } from './site.js';

/** Events of one commit in the pipeline: about what eight readers' seals of 50 records come to. */
export const COMMIT_EVENTS = 400;

/** Residents of one centre: each of them comes and goes. */
const BANDS = 7_000;

export function sampleRecord(seq: number, salt: Uint8Array = randomBytes(8)): Record {
  const uid = new Uint8Array(7);
  new DataView(uid.buffer).setUint32(3, Math.floor(seq / 2) % BANDS);
  return {
    kind: KIND.punch,
    seq,
    boot: 3,
    uptime: 86_400 + seq,
    time: { quality: 'set', wall: 1_790_000_000 + seq, age: 3_600 },
    salt,
    body: punchBody({ direction: seq % 2 === 0 ? 'in' : 'out', service: 101, proof: { kind: 'uid', uid } }),
  };
}

export function sampleEvent(seq: number): Event {
  return {
    site: SITE,
    gateway: GATEWAY,
    epoch: 1,
    seq,
    previous: randomBytes(32),
    type: 'punch',
    device: 'reader-1',
    logId: randomBytes(16),
    logSeq: seq,
    logPrevious: randomBytes(32),
    record: encodeRecord(sampleRecord(seq)),
    sealId: randomBytes(32),
    evidence: 0,
    time: { earliest: 1_790_000_000, latest: 1_790_000_003 },
    recorded: 1_790_000_005,
    band: 'tag-04a1b2c3d4e5f6',
    minutes: 45,
  };
}

/** One signed commit as subscribers get it. */
export function sampleCommit() {
  const site = makeSite();
  const key = PrivateKey.generate();
  const certificate = site.certify(GATEWAY, 'gateway', key);
  const events = Array.from({ length: COMMIT_EVENTS }, (_, i) => encodeEvent(sampleEvent(i + 1)));
  const tree = new MerkleTree(events.map(eventHash));
  return {
    certificate,
    key,
    events,
    tree,
    messages: encodeCommit(events, tree, signCommit(key, SITE, tree.root)),
  };
}
