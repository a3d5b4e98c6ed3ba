import { writeFileSync } from 'node:fs';
import {
  encode,
  issueCertificate,
  PrivateKey,
  signHead,
  systemTimers,
  toHex,
  TrustStore,
} from '@timeband/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CurrentEpoch, writeMarker } from '../events/index.js';
import { gateway, gatewayKey, issuer, NOW, SITE } from '../events/devices.test.support.js';
import { Receipts } from '../receipts/index.js';
import type { FindingCode } from './index.js';
import { TestSite } from './site.test.support.js';

const SITE_COMMITS = 5;
/** Of the reader's log, and the band's: in this order they were met. */
const [BAND, READER] = [1, 2];

describe('an audit', () => {
  let site: TestSite;
  beforeEach(async () => {
    site = new TestSite();
    await site.run(SITE_COMMITS);
    site.mark();
  });
  afterEach(() => {
    site.close();
  });

  it('finds each record of a good database in exactly one state', async () => {
    const report = await site.audit();
    expect(report).toMatchObject({ verdict: 'good', findings: [], events: 40 });
    expect(report.logs).toEqual([
      {
        ...{ device: 'band-7', epoch: 1, first: 1, last: 20, verdict: 'good' },
        ...{ published: 0, waiting: 0, quarantined: 0, duplicate: 20, lost: 0 },
      },
      {
        ...{ device: 'reader-1', epoch: 1, first: 1, last: 20, verdict: 'good' },
        ...{ published: 20, waiting: 0, quarantined: 0, duplicate: 0, lost: 0 },
      },
    ]);
    expect(report.totals).toEqual({
      ...{ logs: 2, records: 40, published: 20, waiting: 0, quarantined: 0, duplicate: 20, lost: 0 },
    });
  });

  it('counts what was withheld, lost, and what the city has not confirmed', async () => {
    site.reader.records.push(encode(new Map([[1, 'rubbish']])));
    await site.commit(site.reader);
    const log = site.store.findLog(site.reader.logId);
    if (log === undefined) expect.fail('the log is there');
    site.store.unpublished.lose(log.key, { first: 22, last: 30 });
    site.store.advanceLog({ ...log, head: 30, hash: new Uint8Array(32) });
    site.store.uplink.saveCursor(16);
    const { verdict, logs } = await site.audit({ hasUplink: true });
    expect(verdict).toBe('good');
    expect(logs[1]).toMatchObject({ last: 30, published: 8, waiting: 12, quarantined: 1, lost: 9 });
    expect(logs[0]).toMatchObject({ duplicate: 20, waiting: 0 });
  });

  it('goes by the state at its beginning while more is stored', async () => {
    const before = await site.audit();
    let hasRested = false;
    const rest = async (): Promise<void> => {
      if (!hasRested) await site.run(2);
      hasRested = true;
    };
    expect(await site.audit({}, { sliceMs: 0, rest })).toEqual(before);
    expect((await site.audit()).events).toBe(56);
  });

  it('tells how far it has come, and ends where it is told to', async () => {
    const seen: number[] = [];
    await site.audit({}, { sliceMs: 0, progress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const goOn = (): void => {
      throw new Error('enough');
    };
    await expect(site.audit({}, { sliceMs: 0, goOn })).rejects.toThrow('enough');
  });

  const blob = (fill: string): string => `X'${fill.repeat(32)}'`;
  const act = '(SELECT act FROM event WHERE log = 2 LIMIT 1)';
  it.each<[string, FindingCode[], string[]]>([
    [
      'a record that was deleted',
      ['record/missing'],
      [`DELETE FROM record WHERE log = ${READER} AND seq = 7`],
    ],
    [
      'a record that was changed',
      ['record/altered', 'commit/altered'],
      [
        `UPDATE record SET bytes = (SELECT bytes FROM record WHERE log = ${BAND} AND seq = 7) WHERE log = ${READER} AND seq = 7`,
      ],
    ],
    [
      'the hash before a record that was changed',
      ['record/altered', 'commit/altered'],
      [`UPDATE record SET previous = ${blob('ab')} WHERE log = ${READER} AND seq = 7`],
    ],
    ['a log that ends elsewhere', ['log/head'], [`UPDATE log SET hash = ${blob('ab')} WHERE id = ${READER}`]],
    ['a log whose records end sooner', ['record/missing'], [`UPDATE log SET head = 21 WHERE id = ${READER}`]],
    [
      'another log id',
      ['log/genesis', 'commit/altered'],
      [`UPDATE log SET log_id = X'${'ab'.repeat(16)}' WHERE id = ${READER}`],
    ],
    [
      'an event that was deleted',
      ['event/missing', 'record/unaccounted'],
      ['DELETE FROM event WHERE seq = 11'],
    ],
    [
      'a record that is published twice',
      ['event/repeated', 'commit/altered', 'record/unaccounted'],
      ['UPDATE event SET log_seq = log_seq - 1 WHERE seq = 4'],
    ],
    [
      'a record that is published and in quarantine',
      ['record/two-states'],
      [`INSERT INTO withheld VALUES (${READER}, 7, 'cert/revoked')`],
    ],
    ['what an event says, changed', ['commit/altered'], ['UPDATE event SET minutes = 480 WHERE seq = 4']],
    ['a commit that was deleted', ['commit/missing'], ['DELETE FROM commit_signature WHERE first = 9']],
    [
      'a database that was put back to an earlier state, or is a copy of then',
      ['marker/ahead'],
      [
        'UPDATE log SET head = 16, hash = (SELECT previous FROM record WHERE log = log.id AND seq = 17)',
        'DELETE FROM record WHERE seq > 16',
        'DELETE FROM event WHERE seq > 32',
        'DELETE FROM commit_signature WHERE first > 32',
      ],
    ],
    [
      'a commit that goes on from elsewhere',
      ['commit/chain', 'commit/altered'],
      [`UPDATE commit_signature SET previous = ${blob('ab')} WHERE first = 9`],
    ],
    [
      'a signature that was changed',
      ['commit/signature'],
      [`UPDATE commit_signature SET signature = ${blob('abcd')} WHERE first = 9`],
    ],
    ['a seal that was deleted', ['record/missing'], ['DELETE FROM seal WHERE id = 3']],
    [
      'an act that counts twice',
      ['act/twice', 'commit/altered'],
      [`UPDATE event SET act = ${act} WHERE log = ${READER} AND log_seq = 2`],
    ],
    ['an act that has counted and is gone', ['act/missing'], [`DELETE FROM act WHERE act = ${act}`]],
    ['a cursor that is ahead', ['cursor/ahead'], ["INSERT INTO cursor VALUES ('display-1', 'display', 41)"]],
  ])('names %s', async (_, codes, statements) => {
    site.plant(...statements);
    const { verdict, counts, findings } = await site.audit();
    expect(verdict).toBe('bad');
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(codes));
    expect(findings.every(({ message }) => message.length > 20)).toBe(true);
  });

  it('names a marker that another database wrote, or nobody can read', async () => {
    writeMarker(site.markerFile, { epoch: 1, seq: 40, hash: new Uint8Array(32) });
    expect((await site.audit()).counts).toEqual({ 'marker/another': 1 });
    writeFileSync(site.markerFile, 'event forty');
    expect((await site.audit()).counts).toEqual({ 'marker/damaged': 1 });
  });

  it('names an uplink that has confirmed more than there is', async () => {
    site.store.uplink.saveCursor(41);
    expect((await site.audit({ hasUplink: true })).counts).toEqual({ 'uplink/ahead': 1 });
  });

  it.each([
    ['over another story', 40],
    ['over more events than there are', 41],
  ])('names a signed head %s', async (_, size) => {
    const says = { site: SITE, gateway: 'gw-1', epoch: 1, size, root: new Uint8Array(32), issued: NOW };
    site.store.logTree.putHead(1, signHead(gatewayKey, says));
    expect((await site.audit()).counts).toEqual({ 'tree/head': 1 });
  });

  it('agrees with the head that the gateway signs itself, in every epoch', async () => {
    const head = await signedHead(site);
    expect(head?.says.size).toBe(40);
    site.restore(NOW);
    await site.run(1);
    expect((await signedHead(site))?.says).toMatchObject({ epoch: NOW, size: 8 });
    expect(await site.audit()).toMatchObject({ verdict: 'good', events: 48 });
  });

  it('takes events of before a renewal by the certificate of then', async () => {
    const { issuer: name, subject, role, key, kid } = gateway;
    const claims = {
      issuer: name,
      subject,
      role,
      site: SITE,
      key,
      notBefore: NOW + 60,
      expires: NOW + 86_400,
    };
    site.store.epochs.keepSigner(kid, issueCertificate(issuer, claims));
    expect(site.store.epochs.signers()).toHaveLength(2);
    expect(await site.audit()).toMatchObject({ verdict: 'good', findings: [] });
    site.plant(`DELETE FROM signer WHERE certificate = x'${toHex(gateway.bytes)}'`);
    expect((await site.audit()).counts).toEqual({ 'commit/expired': 10 });
  });

  it('knows a copy of an act in a database of before it was noted by which event an act counted', async () => {
    site.plant('UPDATE act SET event = NULL');
    const { verdict, findings, totals } = await site.audit();
    expect({ verdict, findings }).toEqual({ verdict: 'good', findings: [] });
    expect(totals).toMatchObject({ published: 20, duplicate: 20 });
  });

  it('does not go by a key that the site has not certified', async () => {
    const stranger = new TrustStore([PrivateKey.generate().publicKey]);
    const { counts } = await site.audit({ trust: stranger });
    expect(counts).toMatchObject({ 'signer/untrusted': 1, 'commit/signature': 10 });
  });
});

it('any traffic that was committed reconciles', async () => {
  const step = fc.oneof(
    fc.record({ what: fc.constant('visit' as const), devices: fc.subarray(['reader', 'band'] as const) }),
    fc.record({ what: fc.constant('rubbish' as const), devices: fc.subarray(['reader', 'band'] as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const site = new TestSite();
      try {
        for (const { what, devices } of steps) {
          if (what === 'visit') site.punch();
          else site.reader.records.push(encode(new Map([[1, 'rubbish']])));
          await site.commit(...devices.map((device) => site[device]));
        }
        const { findings, totals } = await site.audit();
        expect(findings).toEqual([]);
        const { published, waiting, quarantined, duplicate, lost, records } = totals;
        expect(published + waiting + quarantined + duplicate + lost).toBe(records);
      } finally {
        site.close();
      }
    }),
    { numRuns: 25 },
  );
});

function signedHead({ store, events }: TestSite) {
  const source = new CurrentEpoch(events);
  const receipts = new Receipts({
    ...{ store, events: source, key: gatewayKey, certificate: gateway, timers: systemTimers },
    wallClock: () => NOW,
  });
  return receipts.head();
}
