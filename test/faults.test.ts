/** Every way in which a reader is known to go wrong, and what must come of it: a code, a log line, nobody else harmed. */
import { TagKeys } from '@timeband/gateway';
import { CHALLENGE_NONCE_BYTES, type ErrorCode, type NewPunch, randomBytes, toHex } from '@timeband/protocol';
import { type Band, BandStock, certify, FAULT_NAMES, type FaultName, plainTag } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from './support/box.js';
import { SITE } from './support/centre.js';

/** What each fault is called when the gateway meets it; nothing where it is no fault to the gateway. */
const EXPECTED: Readonly<Record<FaultName, ErrorCode | 'none'>> = {
  garbage: 'frame/base64',
  'truncated-frame': 'frame/truncated',
  'overlong-frame': 'frame/overlong',
  'bad-crc': 'frame/crc',
  'bad-length': 'frame/length',
  'console-noise': 'none',
  silent: 'smp/timeout',
  'late-answer': 'smp/unmatched',
  'duplicate-answer': 'smp/unmatched',
  'split-bytes': 'none',
  'cbor-deep': 'cbor/too-deep',
  'cbor-huge': 'cbor/truncated',
  'cbor-duplicate-keys': 'cbor/key-duplicate',
  'cbor-indefinite': 'none',
  'cbor-record-tag': 'cbor/tag',
  'cbor-bignum': 'cbor/tag',
  'cbor-bad-utf8': 'cbor/utf8',
  'record-unsorted-keys': 'cbor/key-order',
  'record-long-heads': 'cbor/not-shortest',
  'record-float': 'cbor/float',
  'seal-bad-signature': 'seal/signature',
  'seal-wrong-nonce': 'seal/nonce',
  'records-mismatch': 'log/mismatch',
  gap: 'log/gap',
  replay: 'seal/nonce',
  fork: 'log/fork',
  rollback: 'log/rollback',
  stranger: 'cert/untrusted-issuer',
  'wrong-site': 'cert/site',
  'replayed-sun': 'evidence/replay',
  'wrong-answer': 'evidence/mismatch',
  'wrong-roster': 'none',
};

const UID = Uint8Array.of(4, 1, 2, 3, 4, 5, 6);
const stock = new BandStock({ seed: 'faults', site: SITE, mix: { uid: 0, sun: 1, key: 1 } });
const [tag, band] = [stock.band(0), stock.band(1)];

/** Who taps at the reader that goes wrong: for faults of evidence, who has some. */
const WEARER: Partial<Record<FaultName, Band>> = { 'replayed-sun': tag, 'wrong-answer': band };

function punch(n: number, wearer = plainTag(UID)): NewPunch {
  const direction = n % 2 === 0 ? 'in' : 'out';
  const nonce = randomBytes(CHALLENGE_NONCE_BYTES);
  const proof = wearer.prove({ nonce, what: 'punch', challenger: 'bad', service: 101, direction });
  return { direction, service: 101, proof };
}

describe('a reader that goes wrong', () => {
  let box: Box;
  beforeEach(() => {
    box = new Box({
      tagKeys: TagKeys.of(new Map([[toHex(tag.uid), stock.tagKey(0)]])),
      certificates: (issuerKey) => [certify(issuerKey, SITE, stock.id(1), stock.key(1).publicKey, 'band')],
    });
  });
  afterEach(() => box.close());

  it('is known in every way the simulator can go wrong', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...FAULT_NAMES].sort());
  });

  it.each(Object.entries(EXPECTED))(
    '%s is called %s, and the other reader does not notice',
    async (fault, code) => {
      const good = box.reader('good');
      const bad = box.reader('bad');
      box.plug(good);
      box.plug(bad);
      await box.pass(3);
      bad.misbehave({ name: fault as FaultName, after: 0 });
      if (code.startsWith('cert/')) bad.reboot(); // certificates are shown at the beginning
      for (let n = 0; n < 6; n++) {
        good.reader.tap(punch(n));
        // Two at once, so that they are fetched and not only seen in the status.
        bad.reader.tap(punch(n, WEARER[fault as FaultName]));
        bad.reader.tap(punch(n, WEARER[fault as FaultName]));
        await box.pass(4);
      }
      await box.pass(20);

      expect(box.published('good')).toEqual([1, 2, 3, 4, 5, 6, 7]);
      if (code === 'none') {
        expect([...box.codes()]).toEqual([]);
        expect(box.published('bad')).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
        return;
      }
      expect([...box.codes()]).toContain(code);
      expect(box.counted.filter((entry) => entry.endsWith('memory:good'))).toEqual([]);
      const line = box.log.find((entry) => entry['code'] === code);
      if (!fault.startsWith('record-') && !code.startsWith('evidence/')) {
        expect(line).toMatchObject({ link: 'memory:bad' });
      }
    },
  );

  it.each(FAULT_NAMES.filter((name) => !['fork', 'rollback'].includes(name)))(
    'after %s has passed, every record arrives, once and in order',
    async (fault) => {
      const device = box.reader('bad');
      box.plug(device);
      device.misbehave({ name: fault, after: 0 });
      for (let n = 0; n < 4; n++) {
        device.reader.tap(punch(n, WEARER[fault]));
        await box.pass(2);
      }
      device.heal();
      await box.pass(180); // the longest rest of a session is behind it
      const stored = box.store.totals();
      expect(stored.records).toBe(5);
      // Records that the device itself logged as rubbish are kept, and not published.
      const rubbish = fault.startsWith('record-');
      expect(box.published('bad')).toEqual(rubbish ? [1] : [1, 2, 3, 4, 5]);
      expect(device.reader.identity().acked).toBe(5);
    },
  );

  it('a fork is kept as evidence and its device is followed no more', async () => {
    const device = box.reader('bad');
    box.plug(device);
    await box.pass(2);
    device.reader.tap(punch(0));
    await box.pass(3);
    device.misbehave({ name: 'fork', after: 0 });
    for (let n = 1; n < 5; n++) {
      device.reader.tap(punch(n));
      await box.pass(3);
    }
    await box.pass(60);
    expect(box.log.some(({ level, code }) => level === 50 && code === 'log/fork')).toBe(true);
    expect(box.store.totals().quarantined).toBeGreaterThan(0);
    const before = box.store.totals().records;
    device.reader.tap(punch(6));
    await box.pass(180);
    expect(box.store.totals().records).toBe(before);
  });

  it('a reader that forgot what it signed raises an alarm and is followed no more', async () => {
    const device = box.reader('bad');
    box.plug(device);
    await box.pass(2);
    device.misbehave({ name: 'rollback', after: 0 });
    for (let n = 0; n < 4; n++) {
      device.reader.tap(punch(n));
      device.reader.tap(punch(n));
      await box.pass(4);
    }
    await box.pass(60);
    expect(
      box.log.some(({ level, code }) => level === 50 && (code === 'log/rollback' || code === 'log/fork')),
    ).toBe(true);
    const before = box.store.totals().records;
    for (let n = 0; n < 8; n++) device.reader.tap(punch(n));
    await box.pass(180);
    expect(box.store.totals().records).toBe(before);
  });

  it('a reader that fails again and again is asked ever less often, and fills no log', async () => {
    const device = box.reader('bad');
    box.plug(device);
    await box.pass(2);
    device.misbehave({ name: 'seal-bad-signature', after: 0 });
    device.reader.tap(punch(0));
    await box.pass(1_200);
    expect(box.log.filter(({ msg }) => msg === 'following a device').length).toBeLessThan(35);
  });

  it('a reader that logs rubbish has it kept in quarantine and goes on', async () => {
    const device = box.reader('bad');
    box.plug(device);
    await box.pass(2);
    device.misbehave({ name: 'record-float', after: 0 });
    device.reader.tap(punch(0));
    device.heal();
    device.reader.tap(punch(1));
    await box.pass(3);
    expect(box.published('bad')).toEqual([1, 3]);
    expect(box.store.totals()).toMatchObject({ records: 3, events: 2, quarantined: 1 });
  });
});
