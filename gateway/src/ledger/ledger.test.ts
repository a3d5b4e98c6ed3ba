/** The ledger in a real database, from the bytes of records that devices could have logged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
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
  openPolicy,
  PrivateKey,
  punchBody,
  type RedeemPhase,
  redeemBody,
  signPolicy,
  tagId,
  transferAction,
  TrustStore,
} from '@timeband/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store, StoreFault } from '../store/index.js';
import { Ledger } from './ledger.js';
import { rulesBody } from './rules.js';

const MORNING = 1_799_971_200; // 08:00 where the site is
const log = pino({ level: 'silent' });
const sixteen = (n: number): Uint8Array => new Uint8Array(16).fill(n);
const UID = (n: number): Uint8Array => Uint8Array.of(4, 0, 0, n);

interface Logged {
  readonly minute: number;
  readonly kind: number;
  readonly body: CborMap;
  readonly evidence?: Evidence;
  readonly band?: string;
  readonly act?: Uint8Array;
  readonly doubted?: boolean;
}

const punch = (minute: number, tag: number, direction: Direction, more: Partial<Logged> = {}): Logged => {
  const body = punchBody({ direction, service: 601, proof: { kind: 'uid', uid: UID(tag) } });
  return { minute, kind: KIND.punch, body, evidence: 1, ...more };
};
const enrol = (minute: number, band: string, account: string, key?: Uint8Array): Logged => {
  const nonce = sixteen(minute % 256);
  const action = enrolAction({ nonce, at: MORNING, step: 'issued', account, band, thumbprint: key });
  return { minute, kind: KIND.enrol, body: approvedBody(action, []) };
};
const redeem = (minute: number, phase: RedeemPhase, id: number, tag: number): Logged => {
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
const visit = (minute: number, provider: string, recipient: string, nonce: number): Logged => {
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
const transfer = (minute: number, from: string, to: string, minutes: number): Logged => {
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
const correct = (minute: number, account: string, minutes: number): Logged => {
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
const mediation = (minute: number, ...mediators: string[]): Logged => {
  const ended = MORNING + minute * 60;
  const times = { started: ended - 3_600, ended, parties: 2, outcome: 'settled' } as const;
  return {
    minute,
    kind: KIND.mediate,
    body: mediateBody({ case: sixteen(1), mediators, ...times }),
    evidence: 2,
  };
};

describe('the ledger', () => {
  let dir: string;
  let store: Store;
  let ledger: Ledger;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ledger-'));
    open();
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });
  function open(): void {
    store = new Store(join(dir, 'gateway.db'));
    ledger = new Ledger({ store, timeZone: 'Asia/Shanghai', log });
  }

  const logs = new Map<string, number>();
  beforeEach(() => {
    logs.clear();
  });
  /** Publishes records of one reader, as a commit does. Each call is a transaction. */
  function publish(reader: string, ...records: readonly Logged[]): void {
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
        return { ...event, record, logId, recorded: at };
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
    });
  }
  const balances = (...names: readonly string[]) => names.map((name) => ledger.balance(name).minutes);

  const aDay = (): void => {
    publish(
      'a',
      enrol(0, tagId(UID(1)), 'wang'),
      enrol(1, tagId(UID(2)), 'li'),
      enrol(2, 'band-3', 'zhao', new Uint8Array(32)),
    );
    publish('a', punch(10, 1, 'in'), punch(70, 1, 'out'), punch(75, 2, 'in'));
    publish(
      'b',
      visit(300, 'band-3', tagId(UID(1)), 7),
      transfer(310, 'wang', 'li', 15),
      mediation(400, 'zhao', 'li'),
    );
    publish(
      'a',
      redeem(320, 'hold', 9, 1),
      redeem(330, 'capture', 9, 1),
      punch(200, 2, 'out'),
      correct(340, 'wang', 30),
    );
    publish('c', visit(300, 'band-3', tagId(UID(1)), 7));
  };

  it('posts every kind of record that moves minutes', () => {
    aDay();
    expect(
      balances('wang', 'li', 'zhao', 'service/601', 'service/101', 'service/801', 'ledger/correction'),
    ).toEqual([...[60 - 15 - 45 + 30, 120 + 15 + 60, 45 + 60], ...[-(60 + 120), 45 - 45, -120, -30]]);
  });

  it('says where every minute came from', () => {
    aDay();
    expect(
      ledger
        .statement('wang')
        .map(({ claim, outcome, change, balance }) => [claim.kind, outcome, change, balance]),
    ).toEqual([
      ['in', 'noted', 0, 0],
      ['out', 'posted', 60, 60],
      ['give', 'posted', -15, 45],
      ['hold', 'posted', -45, 0],
      ['capture', 'posted', 0, 0],
      ['correct', 'posted', 30, 30],
    ]);
    const [line] = ledger.statement('wang', { from: MORNING + 60 * 60, to: MORNING + 71 * 60 });
    expect(line).toMatchObject({ at: MORNING + 70 * 60, event: 5, exact: 60, minutes: 60 });
  });

  it('says how an account stood at any moment', () => {
    aDay();
    const at = (minute: number) => ledger.balance('wang', MORNING + minute * 60);
    expect([at(0), at(70), at(320), at(330)].map(({ minutes, held }) => [minutes, held])).toEqual([
      ...[
        [0, 0],
        [60, 0],
        [0, 45],
        [0, 0],
      ],
    ]);
  });

  it('is the same after a restart, and the same to the byte when it is made again', () => {
    aDay();
    const before = ledger.digest();
    store.close();
    open();
    ledger.catchUp();
    expect(ledger.digest()).toBe(before);
    ledger.rebuild();
    expect(ledger.digest()).toBe(before);
    expect(balances('wang', 'li', 'zhao')).toEqual([30, 195, 105]);
  });

  it('judges what comes late where it belongs, after a restart too', () => {
    aDay();
    store.close();
    open();
    // Another spending, by a second tag of the same account, that was on its way for hours.
    publish('d', enrol(3, tagId(UID(5)), 'wang'), redeem(100, 'hold', 10, 5));
    expect(ledger.statement('wang').map(({ claim, outcome }) => `${claim.kind} ${outcome}`)).toEqual([
      ...[
        'in noted',
        'out posted',
        'hold posted',
        'give posted',
        'hold floor',
        'capture order',
        'correct posted',
      ],
    ]);
    expect(ledger.balance('wang')).toMatchObject({ minutes: 30, held: 45 });
    const once = ledger.digest();
    ledger.rebuild();
    expect(ledger.digest()).toBe(once);
  });

  it('believes nothing of a record that tried to seem more than it is', () => {
    publish(
      'a',
      enrol(0, tagId(UID(1)), 'wang'),
      punch(10, 1, 'in', { doubted: true }),
      punch(70, 1, 'out', { doubted: true }),
    );
    expect(ledger.statement('wang')).toEqual([]);
  });

  it('goes by new rules from the event after they came into force, and posts under their number', () => {
    const issuer = PrivateKey.generate();
    const trust = new TrustStore([issuer.publicKey]);
    const sign = (number: number, roundTo: number) =>
      openPolicy(
        signPolicy(
          issuer,
          { number, issued: MORNING, site: 'dahaiyang' },
          { type: 'rules', body: rulesBody({ roundTo }) },
        ),
        ...([trust, { site: 'dahaiyang' }] as const),
      );
    publish('a', enrol(0, tagId(UID(1)), 'wang'), punch(10, 1, 'in'), punch(60, 1, 'out'));
    ledger.adopt(sign(4, 1));
    ledger.adopt(sign(4, 1));
    publish('a', punch(100, 1, 'in'), punch(150, 1, 'out'));
    expect(ledger.statement('wang').map(({ change }) => change)).toEqual([0, 45, 0, 50]);
    expect(store.ledger.entries(0, 10).map(({ rules }) => rules)).toEqual([0, 4]);
    const digest = ledger.digest();
    store.close();
    open();
    ledger.rebuild();
    expect(ledger.digest()).toBe(digest);
  });

  it('leaves nothing behind of a commit that failed', () => {
    publish('a', enrol(0, tagId(UID(1)), 'wang'), punch(10, 1, 'in'));
    const digest = ledger.digest();
    const full = new StoreFault('store/full', new Error('no room'));
    expect(() => {
      store.transaction(() => {
        publish('a', punch(70, 1, 'out'));
        throw full;
      });
    }).toThrow(full);
    logs.set('a', 2);
    ledger.reload();
    expect(ledger.digest()).toBe(digest);
    publish('a', punch(70, 1, 'out'));
    expect(balances('wang')).toEqual([60]);
  });
});
