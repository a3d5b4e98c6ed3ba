import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, EventVerifier, toHex } from '@timeband/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PublishedEvent } from '../broker/index.js';
import { Visits } from '../ledger/index.js';
import { Store, type StoredLog } from '../store/index.js';
import { Assessor, Bands } from '../verify/index.js';
import { Committer, LogMoved } from './committer.js';
import {
  answer,
  band,
  bandKey,
  DeviceLog,
  gateway,
  gatewayKey,
  nonceOf,
  NOW,
  SITE,
  trust,
} from './devices.test.support.js';
import { EventLog } from './event-log.js';

const NONE = new Uint8Array();

describe('committer', () => {
  let dir: string;
  let store: Store;
  let published: PublishedEvent[];
  let eventLog: EventLog;
  let committer: Committer;
  let unreadable: number[];
  let doubted: string[];
  let log: StoredLog;
  let device: DeviceLog;

  function open(): void {
    store = new Store(join(dir, 'gateway.db'));
    eventLog = new EventLog(store, gatewayKey, gateway);
    committer = new Committer({
      store,
      assessor: new Assessor({ site: SITE, store, bands: new Bands({ site: SITE, store, trust }) }),
      visits: new Visits(store),
      events: eventLog,
      wallClock: () => NOW,
      committed: (events) => published.push(...events),
      unreadable: (_device, seq) => unreadable.push(seq),
      doubted: (_device, _seq, { code }) => doubted.push(code),
    });
  }
  const insertLog = ({ logId, genesis, certificate }: DeviceLog): StoredLog =>
    store.insertLog({
      ...{ logId, device: certificate.subject, epoch: 1, certificate: certificate.bytes },
      ...{ base: 0, hash: genesis },
    });
  const submit = async (): Promise<void> => {
    ({ log } = await committer.submit({
      log,
      sealed: device.sealedAfter(log),
      moment: { asked: NOW, answered: NOW },
    }));
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'commit-'));
    published = [];
    unreadable = [];
    doubted = [];
    device = new DeviceLog();
    open();
    log = insertLog(device);
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  it('publishes chained events that verify, with the minutes of a closed visit', async () => {
    device.punch('in', 5_000);
    device.punch('out', 5_000 + 45 * 60);
    await submit();
    const verifier = new EventVerifier();
    verifier.trust(gateway);
    const [checkIn, checkOut] = published.map(({ message }) => verifier.verify(message));
    expect(checkIn?.event).toMatchObject({
      seq: 1,
      type: 'punch',
      band: 'tag-04030201',
      evidence: 0,
      minutes: undefined,
    });
    expect(checkOut?.event).toMatchObject({ seq: 2, minutes: 45 });
    expect(toHex(checkOut?.event.previous ?? NONE)).toBe(toHex(checkIn?.hash ?? NONE));
    expect(Buffer.from(device.records[1] ?? []).equals(checkOut?.event.record ?? new Uint8Array())).toBe(
      true,
    );
  });

  it('counts an act that two devices logged once, and says all of it again from the store', async () => {
    const bandLog = new DeviceLog(band, bandKey);
    let stored = insertLog(bandLog);
    for (const [direction, uptime, counter] of [
      ['in', 5_000, 1],
      ['out', 5_000 + 45 * 60, 2],
    ] as const) {
      device.punch(direction, uptime, answer(direction, counter));
      bandLog.punch(direction, uptime, { kind: 'own', nonce: nonceOf(counter), challenger: 'reader-1' });
    }
    await submit();
    ({ log: stored } = await committer.submit({
      ...{ log: stored, sealed: bandLog.sealedAfter(stored), moment: { asked: NOW, answered: NOW } },
    }));
    expect(stored.head).toBe(2);
    const verifier = new EventVerifier();
    verifier.trust(gateway);
    const events = published.map(({ message }) => verifier.verify(message).event);
    expect(
      events.map(({ device: from, band: who, evidence, minutes }) => [from, who, evidence, minutes]),
    ).toEqual([
      ['reader-1', 'band-7', 2, undefined],
      ['reader-1', 'band-7', 2, 45],
      ['band-7', 'band-7', 2, undefined],
      ['band-7', 'band-7', 2, undefined],
    ]);
    const acts = events.map(({ act }) => toHex(act ?? NONE));
    expect([acts[2], acts[3]]).toEqual([acts[0], acts[1]]);
    expect(new Set(acts).size).toBe(2);
    const asPublished = published.map(({ message }) => toHex(message));
    expect(eventLog.read(0, 10).map(({ message }) => toHex(message))).toEqual(asPublished);
  });

  it('publishes a replayed answer as tier 0, keeps it for people, and lets it end no visit', async () => {
    insertLog(new DeviceLog(band, bandKey)); // the band has been met
    const checkOut = answer('out', 2);
    device.punch('in', 1_000, answer('in', 1));
    device.punch('out', 1_600, checkOut);
    device.punch('in', 2_000, answer('in', 3));
    device.punch('out', 6_000, checkOut);
    await submit();
    const verifier = new EventVerifier();
    verifier.trust(gateway);
    const events = published.map(({ message }) => verifier.verify(message).event);
    expect(events.map(({ evidence, minutes }) => [evidence, minutes])).toEqual([
      [2, undefined],
      [2, 10],
      [2, undefined],
      [0, undefined],
    ]);
    expect(doubted).toEqual(['evidence/replay']);
    expect(store.totals()).toMatchObject({ records: 4, events: 4, quarantined: 1 });
    expect(store.visits.all()).toHaveLength(1);
  });

  it('says every event again from the store, byte for byte, also after a restart', async () => {
    for (let commit = 0; commit < 3; commit++) {
      for (let i = 0; i < 7; i++) device.punch(i % 2 === 0 ? 'in' : 'out', 5_000 + commit * 100 + i);
      await submit();
    }
    const asPublished = published.map(({ message }) => toHex(message));
    expect(eventLog.read(0, 1_000).map(({ message }) => toHex(message))).toEqual(asPublished);
    store.close();
    open();
    expect(eventLog.head).toBe(21);
    expect(eventLog.read(0, 1_000).map(({ message }) => toHex(message))).toEqual(asPublished);
    expect(eventLog.read(10, 3).map(({ seq }) => seq)).toEqual([11, 12, 13]);
    expect(eventLog.read(21, 10)).toEqual([]);
  });

  it('goes on with number and chain after a restart', async () => {
    device.punch('in', 1);
    await submit();
    store.close();
    open();
    device.punch('out', 600);
    await submit();
    const verifier = new EventVerifier();
    verifier.trust(gateway);
    const [first, second] = published.map(({ message }) => verifier.verify(message));
    expect(second?.event.seq).toBe(2);
    expect(toHex(second?.event.previous ?? NONE)).toBe(toHex(first?.hash ?? NONE));
  });

  it('stores and quarantines a signed record that is no record, and publishes the others', async () => {
    device.punch('in', 1);
    device.records.push(encode(new Map([[1, 'rubbish']])));
    device.punch('out', 600);
    await submit();
    expect(unreadable).toEqual([2]);
    expect(published.map(({ type }) => type)).toEqual(['punch', 'punch']);
    expect(store.totals()).toMatchObject({ records: 3, events: 2, quarantined: 1 });
    expect(eventLog.read(0, 10)).toHaveLength(2);
  });

  it('takes nothing in when the transaction fails, and everything when it is tried again', async () => {
    device.punch('in', 1);
    await submit();
    device.punch('out', 1_200);
    const before = log;
    const sealed = device.sealedAfter(log);
    const batch = { log, sealed, moment: { asked: NOW, answered: NOW } };
    vi.spyOn(store, 'insertCommit').mockImplementationOnce(() => {
      throw new Error('the disk is full');
    });
    await expect(committer.submit(batch)).rejects.toThrow('the disk is full');
    expect(store.findLog(device.logId)).toMatchObject({ head: before.head });
    expect(published).toHaveLength(1);
    ({ log } = await committer.submit(batch));
    expect(published.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(eventLog.read(1, 1)[0]?.message).toEqual(published[1]?.message);
  });

  it('takes the same records once, whoever brings them', async () => {
    device.punch('in', 1);
    const batch = { log, sealed: device.sealedAfter(log), moment: { asked: NOW, answered: NOW } };
    const outcomes = await Promise.allSettled([committer.submit(batch), committer.submit(batch)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(committer.submit(batch)).rejects.toThrow(LogMoved);
    expect(published.map(({ seq }) => seq)).toEqual([1]);
    expect(store.totals()).toMatchObject({ records: 1, events: 1 });
  });
});
