/** A small community in a real database: records that devices could have logged, published as a commit does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  activityBody,
  type ActivityPhase,
  actId,
  approvedBody,
  attestBody,
  type CborMap,
  correctAction,
  type Direction,
  encodeRecord,
  encodeStatement,
  enrolAction,
  type Evidence,
  KIND,
  mediateBody,
  punchBody,
  type RedeemPhase,
  redeemBody,
  rosterHash,
  tagId,
  transferAction,
} from '@timeband/protocol';
import { MEAL_DAYS } from '../kitchen/index.js';
import { Matters } from '../matters/index.js';
import { caseCourses } from '../mediation/index.js';
import { Store } from '../store/index.js';
import { Ledger } from './ledger.js';

export const MORNING = 1_799_971_200; // 08:00 where the site is
export const sixteen = (n: number): Uint8Array => new Uint8Array(16).fill(n);
export const UID = (n: number): Uint8Array => Uint8Array.of(4, 0, 0, n);

export interface Logged {
  readonly minute: number;
  readonly kind: number;
  readonly body: CborMap;
  readonly evidence?: Evidence;
  readonly band?: string;
  readonly act?: Uint8Array;
  readonly doubted?: boolean;
}

export const punch = (
  minute: number,
  tag: number,
  direction: Direction,
  more: Partial<Logged> = {},
  service = 601,
): Logged => {
  const body = punchBody({ direction, service, proof: { kind: 'uid', uid: UID(tag) } });
  return { minute, kind: KIND.punch, body, evidence: 1, ...more };
};
export const enrol = (minute: number, band: string, account: string, key?: Uint8Array): Logged => {
  const nonce = sixteen(minute % 256);
  const action = enrolAction({ nonce, at: MORNING, step: 'issued', account, band, thumbprint: key });
  return { minute, kind: KIND.enrol, body: approvedBody(action, []) };
};
export const redeem = (minute: number, phase: RedeemPhase, id: number, tag: number): Logged => {
  const shared = {
    redemption: sixteen(id),
    phase,
    service: 101,
    price: 45,
    catalogue: 0,
    supplier: 'repairs',
  } as const;
  const proof = phase === 'hold' ? ({ kind: 'uid', uid: UID(tag) } as const) : undefined;
  const reason = phase === 'release' ? 'noShow' : undefined;
  return {
    minute,
    kind: KIND.redeem,
    body: redeemBody({ ...shared, proof, reason }),
    evidence: 1,
    band: tagId(UID(tag)),
  };
};
export const visit = (minute: number, provider: string, recipient: string, nonce: number): Logged => {
  const statement = encodeStatement({
    ...{ nonce: sixteen(nonce), provider, recipient, service: 101, seconds: 3_000, minutes: 45 },
    ...{ rating: undefined, confirmedBy: 'recipient' },
  });
  const body = attestBody({ statement, provider: new Uint8Array(64), recipient: new Uint8Array(64) });
  return {
    minute,
    kind: KIND.attest,
    body,
    evidence: 2,
    band: provider,
    act: actId(sixteen(nonce), provider, recipient),
  };
};
export const transfer = (minute: number, from: string, to: string, minutes: number): Logged => {
  const action = transferAction({
    nonce: sixteen(minute % 256),
    at: MORNING,
    sort: 'gift',
    from,
    to,
    minutes,
  });
  return { minute, kind: KIND.transfer, body: approvedBody(action, []) };
};
export const correct = (minute: number, account: string, minutes: number): Logged => {
  const more = {
    sort: 'lateEntry',
    reason: 'noDevice',
    service: 601,
    started: MORNING,
    ended: MORNING + 3_600,
  } as const;
  const action = correctAction({ nonce: sixteen(minute % 256), at: MORNING, account, minutes, ...more });
  return { minute, kind: KIND.correct, body: approvedBody(action, []) };
};
export const mediation = (minute: number, ...mediators: string[]): Logged => {
  const ended = MORNING + minute * 60;
  const times = { started: ended - 3_600, ended, parties: 2, outcome: 'settled' } as const;
  return {
    minute,
    kind: KIND.mediate,
    body: mediateBody({ case: sixteen(1), mediators, ...times }),
    evidence: 2,
  };
};

/** A tai-chi hour of `organiser`, from minute to minute, with those who wear these tags. */
export const taiChi = (
  minute: number,
  phase: ActivityPhase,
  [from, to]: readonly [number, number],
  organiser: string,
  tags: readonly number[] = [],
): Logged => {
  const [started, ended] = [MORNING + from * 60, MORNING + to * 60];
  const bands = tags.map((tag) => tagId(UID(tag)));
  const plan = {
    ...{ activity: sixteen(5), phase, service: 509, organiser, capacity: 30 },
    ...{ plannedStart: started, plannedEnd: ended },
    ...(phase !== 'planned' && { started }),
    ...(phase === 'closed' && { ended, attended: bands.length, roster: rosterHash(sixteen(5), bands) }),
  };
  return { minute, kind: KIND.activity, body: activityBody(plan), evidence: 2 };
};

export class Community {
  private readonly dir = mkdtempSync(join(tmpdir(), 'ledger-'));
  private readonly logs = new Map<string, number>();
  readonly file = join(this.dir, 'gateway.db');
  store = new Store(this.file);
  ledger = this.openLedger();
  matters = this.openMatters();

  private openLedger(): Ledger {
    return new Ledger({ store: this.store, timeZone: 'Asia/Shanghai' });
  }

  private openMatters(): Matters {
    return new Matters({
      store: this.store,
      ledger: this.ledger,
      gateway: 'gw-1',
      also: [MEAL_DAYS, caseCourses(this.store)],
    });
  }

  restart(): void {
    this.store.close();
    this.store = new Store(this.file);
    this.ledger = this.openLedger();
    this.matters = this.openMatters();
  }

  close(): void {
    this.store.close();
    rmSync(this.dir, { recursive: true });
  }

  /** Publishes records of one reader, as a commit does. Each call is a transaction. */
  publish(reader: string, ...records: readonly Logged[]): void {
    const { store, ledger, matters, logs } = this;
    let seq = store.lastCommit()?.last ?? 0;
    const first = seq + 1;
    const logId = sixteen(reader.charCodeAt(0));
    store.transaction(() => {
      const certificate = new Uint8Array(1);
      const known =
        store.findLog(logId) ??
        store.insertLog({ logId, device: reader, epoch: 1, certificate, base: 0, hash: certificate });
      const seal = store.insertSeal(Buffer.from(`${reader}/${first}`), known.key, certificate);
      const published = records.map(({ minute, kind, body, evidence = 2, band, act, doubted }) => {
        const logSeq = (logs.get(reader) ?? 0) + 1;
        logs.set(reader, logSeq);
        const at = MORNING + minute * 60;
        const record = {
          kind,
          seq: logSeq,
          boot: 1,
          uptime: 1,
          time: { quality: 'unset' },
          salt: new Uint8Array(8),
          body,
        } as const;
        store.insertRecord(
          { log: known.key, seq: logSeq, previous: new Uint8Array(32), bytes: encodeRecord(record) },
          seal,
        );
        const event = {
          seq: ++seq,
          logSeq,
          evidence,
          time: { earliest: at, latest: at },
          band,
          act,
          doubted,
        };
        store.insertEvent({ ...event, log: known.key, minutes: undefined });
        return { ...event, record, logId, recorded: () => at };
      });
      const zero = new Uint8Array(32);
      const recorded = MORNING + Math.max(...records.map(({ minute }) => minute)) * 60;
      store.insertCommit({
        first,
        last: seq,
        previous: zero,
        head: zero,
        recorded,
        protectedBytes: zero,
        signature: zero,
      });
      ledger.record(published);
      matters.record(published);
    });
  }

  /** What the last transaction logged was undone. */
  forget(reader: string, records: number): void {
    this.logs.set(reader, (this.logs.get(reader) ?? 0) - records);
  }

  /** One of everything. */
  aDay(): void {
    this.publish(
      'a',
      enrol(0, tagId(UID(1)), 'wang'),
      enrol(1, tagId(UID(2)), 'li'),
      enrol(2, 'band-3', 'zhao', new Uint8Array(32)),
    );
    this.publish('a', punch(10, 1, 'in'), punch(70, 1, 'out'), punch(75, 2, 'in'));
    this.publish(
      'b',
      visit(300, 'band-3', tagId(UID(1)), 7),
      transfer(310, 'wang', 'li', 15),
      mediation(400, 'zhao', 'li'),
    );
    this.publish(
      'a',
      redeem(320, 'hold', 9, 1),
      redeem(330, 'capture', 9, 1),
      punch(200, 2, 'out'),
      correct(340, 'wang', 30),
    );
    this.publish('c', visit(300, 'band-3', tagId(UID(1)), 7));
  }
}
