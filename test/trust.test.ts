/** Whom the gateway believes, and for how long: keys that change, are revoked or only MAC, and clocks that are wrong. */
import {
  decodeCose,
  decodeRecord,
  decodeStrict,
  deriveDeviceKey,
  type Event,
  Fields,
  KIND,
  keyThumbprint,
  type NewPunch,
  PrivateKey,
  randomBytes,
  readDevice,
  type Revocation,
  signAck,
  signClock,
  signPolicy,
  toHex,
} from '@timeband/protocol';
import {
  createSimulatedReader,
  type Device,
  type DeviceEvent,
  type SimulatedReader,
  type SimulatedReaderOptions,
} from '@timeband/simulator';
import { checkSite, initSite, loadConfig, startGateway } from '@timeband/gateway';
import { pino } from 'pino';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from './support/box.js';
import { GATEWAY, SITE } from './support/centre.js';

const START = 1_800_000_000;
const punch = (n: number): NewPunch => ({
  proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) },
  direction: n % 2 === 0 ? 'in' : 'out',
  service: 101,
});

describe('a gateway started before its certificate’s first day', () => {
  it('runs, says that its clock is not set, and check names the remedy', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-unset-'));
    const tomorrow = Math.floor(Date.now() / 1_000) + 86_400;
    const files = initSite({ dir, site: SITE, gateway: GATEWAY, links: [], mqttPort: 0, now: tomorrow });
    const lines: string[] = [];
    const gateway = await startGateway({
      config: { ...loadConfig(files.config), links: [] },
      log: pino({}, { write: (line: string) => lines.push(line) }),
    });
    try {
      expect(gateway.report()).toMatchObject({ clock: 'unset', stored: { records: 0 } });
      expect(lines.join('')).toContain('the clock of this machine is not set');
    } finally {
      await gateway.close();
    }
    const said = await checkSite(files.config, Math.floor(Date.now() / 1_000));
    expect(said.find(({ what }) => what === 'clock')).toMatchObject({ verdict: 'warning' });
    expect(said.filter(({ verdict }) => verdict === 'bad')).toEqual([]);
    rmSync(dir, { recursive: true });
  });
});

describe('trust', () => {
  let box: Box;
  let seen: DeviceEvent[];
  beforeEach(() => {
    box = new Box();
    seen = [];
  });
  afterEach(() => box.close());

  const reader = (options: Partial<SimulatedReaderOptions> = {}): SimulatedReader =>
    createSimulatedReader({
      ...{ site: SITE, issuerKey: box.issuerKey, id: 'reader-1', timers: box.timers },
      ...{ settings: { signMs: 0 }, observe: (event: DeviceEvent) => seen.push(event) },
      ...options,
    });
  const outcomes = (): unknown[] =>
    seen.flatMap((event) => (event.event === 'feedback' ? event.outcome : []));
  const revoke = (number: number, revocations: readonly Revocation[]): string =>
    box.policies.take(
      signPolicy(box.issuerKey, { number, issued: START, site: SITE }, { type: 'revocations', revocations }),
    );

  describe('a new key for a reader', () => {
    it('takes effect without losing a record: the new log names the old one, and both are whole', async () => {
      const key = PrivateKey.generate();
      const before = reader({ key });
      const { link } = box.plug(before);
      await box.pass(2);
      for (let n = 0; n < 5; n++) before.reader.tap(punch(n));
      await box.pass(5);
      expect(before.reader.identity().acked).toBe(6);
      const old = before.reader.identity();
      await link.close();

      const after = reader({ key: PrivateKey.generate(), flash: before.flash });
      box.plug(after);
      after.reader.tap(punch(1));
      await box.pass(5);
      expect(after.reader.identity()).toMatchObject({ epoch: 2, acked: 3, previous: { seq: 6 } });
      expect(toHex(after.reader.identity().previous?.logId ?? old.logId)).toBe(toHex(old.logId));
      expect(box.published('reader-1')).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3]);
      const [first] = box.events.slice(6);
      const statement = readDevice(decodeRecord(first?.record ?? new Uint8Array()).body);
      expect(statement.event === 'keyChanged' && toHex(statement.earlier)).toBe(
        toHex(keyThumbprint(key.publicKey)),
      );
      expect([...box.codes()]).toEqual([]);
    });

    it('is not taken while records under the old one wait for their ack', () => {
      const before = reader();
      before.reader.tap(punch(0));
      expect(() => reader({ flash: before.flash })).toThrow(/not acknowledged/);
    });
  });

  describe('a revoked key', () => {
    it('has its later records kept for review and not published, and acks name the list', async () => {
      const key = PrivateKey.generate();
      const device = reader({ key });
      const acks: Uint8Array[] = [];
      const apply = device.reader.ack.bind(device.reader);
      device.reader.ack = (bytes) => {
        acks.push(bytes);
        return apply(bytes);
      };
      box.plug(device);
      await box.pass(3);
      device.reader.tap(punch(0));
      await box.pass(3);
      const stored = box.events.at(-1);
      expect(stored?.logSeq).toBe(2);
      const log = box.store.findLog(device.reader.identity().logId);
      revoke(1, [
        {
          ...{ thumbprint: keyThumbprint(key.publicKey), at: START + 7, reason: 'lost' },
          ...(log && { lastTrusted: { logId: log.logId, seq: log.head, hash: log.hash } }),
        },
      ]);
      device.reader.tap(punch(1));
      device.reader.tap(punch(2));
      await box.pass(5);
      expect(box.published('reader-1')).toEqual([1, 2]);
      // Two taps, and the reader's word that the list reached it.
      expect(box.store.totals()).toMatchObject({ records: 5, events: 2, quarantined: 3 });
      expect(box.counted.filter((entry) => entry === 'cert/revoked@reader-1')).toHaveLength(3);
      expect(device.reader.identity().acked).toBe(5);
      expect(acks.map(revocationsOf)).toEqual([0, 0, 1]);
    });

    it('keeps what was logged up to the last trusted record, though it comes after the revocation', async () => {
      const key = PrivateKey.generate();
      const device = reader({ key });
      device.reader.tap(punch(0));
      device.reader.tap(punch(1));
      device.reader.tap(punch(2));
      const lastTrusted = sealOf(device.reader, 3);
      revoke(1, [{ thumbprint: keyThumbprint(key.publicKey), at: START - 100, lastTrusted }]);
      box.plug(device);
      await box.pass(5);
      expect(box.published('reader-1')).toEqual([1, 2, 3]);
      expect(box.store.totals()).toMatchObject({ records: 5, quarantined: 2 });
    });

    it('of an issuer’s list that goes back is refused, and the newer list stays', () => {
      revoke(2, [{ thumbprint: new Uint8Array(32).fill(1), at: START }]);
      expect(() => revoke(1, [])).toThrow(/number 2 is in force/);
      expect(box.policies.revocations).toBe(2);
    });
  });

  describe('a gateway whose clock is not set', () => {
    it('answers taps with "queued", asks for no seals, and takes everything once it is set', async () => {
      box.clockOffset = -START;
      const device = reader();
      box.plug(device);
      await box.pass(2);
      device.reader.tap(punch(0));
      await box.pass(60);
      expect(outcomes()).toEqual(['queued']);
      expect(box.store.totals()).toMatchObject({ records: 0, events: 0 });
      expect(device.reader.status(0).sealed).toBe(0);
      expect(device.reader.clock.time().quality).toBe('unset');

      box.clockOffset = 0;
      await box.pass(5);
      expect(box.published('reader-1')).toEqual([1, 2]);
      expect(device.reader.clock.time().quality).toBe('set');
      const tapped = box.events[1]?.time;
      expect(tapped?.earliest).toBeLessThanOrEqual(START + 2);
      expect(tapped?.latest).toBeGreaterThanOrEqual(START + 2);
      expect(tapped?.latest).toBeLessThan(START + 6);
    });
  });

  describe('a clock that is stepped while a seal is made', () => {
    it('pins nothing: the seal is asked for again, and the times are those of the clock as it was set', async () => {
      const device = reader({ settings: { signMs: 400 } });
      box.plug(device);
      await box.pass(5);
      device.reader.tap(punch(0));
      await box.pass(0.75); // asked for after 500 ms of quiet, the seal is being made
      expect(box.published('reader-1')).toEqual([1]);
      box.clockOffset = 600;
      await box.pass(6);
      expect([...box.codes()]).toEqual(['clock-stepped']);
      const tapped = box.events[1]?.time;
      expect(tapped?.earliest).toBeGreaterThan(START + 600);
      expect(tapped?.latest).toBeLessThan(START + 612);
      // The reader is given the new time at once, and logs that it was stepped.
      expect(box.published('reader-1')).toEqual([1, 2, 3]);
      expect(statementsOf(box.events)).toContain('clockStep');
    });
  });

  describe('a gateway whose clock fell behind', () => {
    it('does not take a device back: the device keeps its time, and its records still arrive', async () => {
      const device = reader();
      const { link } = box.plug(device);
      await box.pass(3);
      await link.close();
      box.clockOffset = -3_600;
      box.plug(device);
      await box.pass(1);
      device.reader.tap(punch(0));
      await box.pass(4);
      expect([...box.codes()]).toEqual(['clock/refused']);
      expect(device.reader.clock.time()).toMatchObject({ quality: 'set' });
      const time = device.reader.clock.time();
      expect(time.quality === 'set' && time.wall).toBeGreaterThan(START);
      expect(box.published('reader-1')).toEqual([1, 2]);
    });
  });

  describe('a gateway whose own certificate is good no longer', () => {
    const says = (code: string): boolean => box.log.some((line) => line['code'] === code);

    it('because it has expired asks for no seals and gives no acks', async () => {
      const device = reader();
      box.plug(device);
      await box.pass(3);
      box.clockOffset = 2 * 86_400;
      device.reader.tap(punch(0));
      await box.pass(10);
      expect(says('cert/expired')).toBe(true);
      expect(box.published('reader-1')).toEqual([1]);
      expect(device.reader.identity().acked).toBe(1);
    });

    it('because its key was revoked asks for no seals and gives no acks', async () => {
      revoke(1, [{ thumbprint: box.certificate.thumbprint, at: START, reason: 'compromised' }]);
      const device = reader();
      box.plug(device);
      await box.pass(3);
      expect(says('cert/revoked')).toBe(true);
      expect(box.published('reader-1')).toEqual([]);
    });
  });

  describe('a device that only MACs', () => {
    const owner = { site: SITE, device: 'band-7' };
    const master = randomBytes(32);
    const key = deriveDeviceKey(master, owner, 1);

    it('is followed under its own key, and its events say that the gateway vouches for it', async () => {
      await box.close();
      box = new Box({ deviceKeys: [key] });
      const device = reader({ id: 'band-7', key });
      box.plug(device);
      await box.pass(2);
      device.reader.tap(punch(0));
      await box.pass(4);
      expect(box.events.map(({ device: from, vouched }) => [from, vouched])).toEqual([
        ['band-7', 'gateway'],
        ['band-7', 'gateway'],
      ]);
      expect(device.reader.identity().acked).toBe(2);
      expect(device.reader.clock.time().quality).toBe('set');
      expect(outcomes()).toEqual(['accepted']);
      expect([...box.codes()]).toEqual([]);
    });

    it('is not followed without its key, nor under that of another generation', async () => {
      await box.close();
      box = new Box({ deviceKeys: [deriveDeviceKey(master, owner, 2)] });
      box.plug(reader({ id: 'band-7', key }));
      await box.pass(3);
      expect([...box.codes()]).toEqual(['cose/kid']);
      expect(box.store.totals().records).toBe(0);
    });

    it('takes no ack and no time from a gateway that has not its key', () => {
      const device = reader({ id: 'band-7', key }).reader;
      const { logId } = device.identity();
      const nonce = device.clockNonce();
      device.seal(randomBytes(16), 1);
      const strangers = [PrivateKey.generate(), deriveDeviceKey(master, owner, 2)];
      for (const stranger of strangers) {
        const ack = { logId, upto: 1, hash: sealOf(device, 1).hash, site: SITE, gateway: GATEWAY };
        const signed = signAck(stranger, { ...ack, revocations: 0, durability: 'box' });
        expect(() => device.ack(signed)).toThrow(/a signature where|the MAC|another key/);
        const clock = { device: 'band-7', nonce, wall: START, site: SITE, gateway: GATEWAY };
        expect(() => {
          device.setClock(signClock(stranger, clock));
        }).toThrow(/a signature where|the MAC|another key/);
      }
      expect(device.identity().acked).toBe(0);
      expect(device.clock.time().quality).toBe('unset');
    });
  });
});

describe('two gateways of one site', () => {
  it('do not both tell its story: the one that is not primary leaves records where they are', async () => {
    const box = new Box();
    const seen: DeviceEvent[] = [];
    const name = (number: number, gateway: string): string =>
      box.policies.take(
        signPolicy(
          box.issuerKey,
          { number, issued: START, site: SITE },
          { type: 'primary', gateway, term: number },
        ),
      );
    name(1, 'gw-2');
    const device = createSimulatedReader({
      ...{ site: SITE, issuerKey: box.issuerKey, id: 'reader-1', timers: box.timers },
      ...{ settings: { signMs: 0 }, observe: (event: DeviceEvent) => seen.push(event) },
    });
    box.plug(device);
    await box.pass(2);
    device.reader.tap(punch(0));
    await box.pass(10);
    expect(seen.flatMap((event) => (event.event === 'feedback' ? event.outcome : []))).toEqual(['queued']);
    expect([box.events.length, box.store.totals().records, device.reader.identity().acked]).toEqual([
      0, 0, 0,
    ]);

    // The next term is this gateway's: everything is still there, and told once.
    name(2, GATEWAY);
    await box.pass(10);
    expect(box.published('reader-1').slice(0, 2)).toEqual([1, 2]);
    expect(device.reader.identity().acked).toBe(box.events.length);
    expect([...box.codes()]).toEqual([]);
    await box.close();
  });
});

function revocationsOf(ack: Uint8Array): number {
  return Fields.of(decodeStrict(decodeCose(ack).payload ?? new Uint8Array()), 'ack').uint(6);
}

/** The place in its log that a device itself seals. */
function sealOf(device: Device, seq: number) {
  const payload = decodeCose(device.seal(randomBytes(16), seq)).payload ?? new Uint8Array();
  const fields = Fields.of(decodeStrict(payload), 'seal');
  return { logId: fields.bytes(1), seq, hash: fields.bytes(5) };
}

function statementsOf(events: readonly Event[]): string[] {
  return events
    .map(({ record }) => decodeRecord(record))
    .filter(({ kind }) => kind === KIND.device)
    .map(({ body }) => readDevice(body).event);
}
