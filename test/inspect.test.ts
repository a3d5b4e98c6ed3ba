/** What `bandctl` finds out about simulated devices, in virtual time. */
import { describe, expect, it } from 'vitest';
import {
  deviceBody,
  issueCertificate,
  KIND,
  type Link,
  openIssuerCertificate,
  PrivateKey,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import {
  describeEntry,
  describeDiagnosis,
  diagnose,
  type Diagnosis,
  type LogBatch,
  LogReader,
  type LogReaderOptions,
  openDevice,
  type OpenDevice,
  readClock,
  setClock,
  type Target,
} from '@timeband/firmware-tools';
import { memoryLink, SimulatedReader, type SimulatedReaderOptions } from '@timeband/simulator';

const SITE = 'dahaiyang';
const START = Math.floor(Date.now() / 1_000);
const TAP = { direction: 'in', service: 7, proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3) } } as const;

/** A device on the bench, and whoever may set its clock. */
class Bench {
  readonly timers = new ManualTimers();
  readonly issuerKey = PrivateKey.generate();
  readonly issuer = openIssuerCertificate(this.certify('issuer-1', 'issuer', this.issuerKey));
  readonly reader: SimulatedReader;

  constructor(options: Partial<SimulatedReaderOptions> = {}) {
    const { timers, issuerKey } = this;
    this.reader = new SimulatedReader({ site: SITE, issuerKey, timers, slots: 2_048, ...options });
  }

  readonly now = (): number => START + Math.floor(this.timers.now() / 1_000);

  certify(subject: string, role: 'issuer' | 'gateway', key: PrivateKey): Uint8Array {
    return issueCertificate(this.issuerKey, {
      ...{ issuer: 'issuer-1', subject, role, site: SITE, key: key.publicKey },
      ...{ notBefore: START - 1_000, expires: START + 1_000_000 },
    });
  }

  taps(count: number): void {
    for (let i = 0; i < count; i++) this.reader.reader.tap(TAP);
  }

  /** Lets time pass until something is done. */
  async done<T>(work: Promise<T>): Promise<T> {
    const done = new AbortController();
    const watched = work.finally(() => {
      done.abort();
    });
    watched.catch(() => undefined);
    while (!done.signal.aborted) await this.timers.run(100);
    return watched;
  }

  get target(): Target {
    const open = (): Promise<Link> => Promise.resolve(memoryLink(this.reader));
    return { transport: 'serial', name: 'memory', isUntrusted: false, open };
  }

  open(): Promise<OpenDevice> {
    return this.done(openDevice(this.target, { timers: this.timers }));
  }

  diagnose(): Promise<Diagnosis> {
    const { timers, issuer, now } = this;
    return this.done(diagnose(this.target, { timers, issuer, now, tick: () => timers.now() }));
  }

  /** All that a reader of logs has to say at once. */
  async read(options: Partial<LogReaderOptions> = {}): Promise<LogBatch[]> {
    const { issuer, now } = this;
    const reader = new LogReader({ issuer, now, ...options });
    const device = await this.open();
    const batches: LogBatch[] = [];
    await this.done(
      (async () => {
        await reader.attach(device);
        for (let batch = await reader.next(); batch !== undefined; batch = await reader.next())
          batches.push(batch);
      })(),
    );
    return batches;
  }
}

const verdicts = (batches: readonly LogBatch[]): string[] => [
  ...new Set(batches.flatMap(({ entries }) => entries.map(({ proof }) => proof.verdict))),
];

describe('the log of a device', () => {
  it('is read whole, in order, sealed by the key of its certificate, and stays as it was', async () => {
    const bench = new Bench();
    bench.taps(700);
    const batches = await bench.read();
    const entries = batches.flatMap((batch) => batch.entries);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 701 }, (_, i) => i + 1));
    expect(verdicts(batches)).toEqual(['sealed']);
    expect(entries.slice(0, 2).map(describeEntry)).toEqual([
      expect.stringMatching(/^ {6}1 {2}20\S+Z {2}device: event boot, firmware /),
      expect.stringMatching(
        /^ {6}2 {2}20\S+Z {2}punch: direction in, service 7, proof \(kind uid, uid 04010203\)/,
      ),
    ]);
    expect((await bench.open()).identity?.acked).toBe(0);
  });

  it('is read from a record on, or the newest of it, and is proven all the same', async () => {
    const bench = new Bench();
    bench.taps(40);
    for (const options of [{ from: 39 }, { newest: 3 }]) {
      const batches = await bench.read(options);
      expect(batches.flatMap(({ entries }) => entries.map(({ seq }) => seq))).toEqual([39, 40, 41]);
      expect(verdicts(batches)).toEqual(['sealed']);
    }
  });

  it('goes on with what is recorded after it was read', async () => {
    const bench = new Bench();
    const reader = new LogReader({ issuer: bench.issuer, now: bench.now });
    const device = await bench.open();
    await bench.done(reader.attach(device));
    await bench.done(reader.next());
    expect(await bench.done(reader.next())).toBeUndefined();
    bench.taps(2);
    const batch = await bench.done(reader.next());
    expect(batch?.entries.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(batch?.proof.verdict).toBe('sealed');
  });

  it('is read on where it was left, after the device was started anew', async () => {
    const bench = new Bench();
    const reader = new LogReader({ issuer: bench.issuer, now: bench.now });
    bench.taps(3);
    const first = await bench.open();
    await bench.done(reader.attach(first));
    await bench.done(reader.next());
    await first.close();
    bench.reader.reboot();
    bench.taps(1);
    await bench.done(reader.attach(await bench.open()));
    const batch = await bench.done(reader.next());
    expect(batch?.entries.map(({ seq }) => seq)).toEqual([5, 6]);
    expect(batch?.proof.verdict).toBe('sealed');
  });

  it.each(['seal-bad-signature', 'seal-wrong-nonce', 'records-mismatch', 'gap'] as const)(
    'with a fault (%s) does not hold, and is shown all the same',
    async (name) => {
      const bench = new Bench();
      bench.reader.misbehave({ name, after: 0 });
      bench.taps(3);
      const batches = await bench.read();
      expect(batches[0]?.entries).toHaveLength(4);
      expect(verdicts(batches)).toEqual(['refused']);
    },
  );

  it('is not proven where no seal is asked for', async () => {
    const bench = new Bench();
    expect(verdicts(await bench.read({ isUnsealed: true }))).toEqual(['unsealed']);
  });
});

describe('the clock of a device', () => {
  it('is unset until a gateway sets it, and shows how far it is off', async () => {
    const bench = new Bench();
    const { issuer, now } = bench;
    const device = await bench.open();
    const read = () => bench.done(readClock(device, { issuer, now }));
    expect(await read()).toMatchObject({
      time: { quality: 'unset' },
      certificate: { trust: { verdict: 'verified' } },
    });
    const key = PrivateKey.generate();
    const certificate = bench.certify('gateway-1', 'gateway', key);
    await bench.done(setClock(device, { key, certificate }, now));
    const set = await read();
    expect(set).toMatchObject({ time: { quality: 'set' }, isSigned: true, steps: [] });
    expect(Math.abs(set.offset?.seconds ?? 99)).toBeLessThanOrEqual(set.offset?.within ?? 0);
    const behind = await bench.done(readClock(device, { issuer, now: () => now() + 10 }));
    expect(behind.offset?.seconds).toBeCloseTo(-10, 0);
  });

  it('is not set by who is no gateway of its site', async () => {
    const bench = new Bench();
    const device = await bench.open();
    const key = PrivateKey.generate();
    const stranger = new Bench().certify('gateway-1', 'gateway', key);
    await expect(
      bench.done(setClock(device, { key, certificate: stranger }, bench.now)),
    ).rejects.toMatchObject({
      code: 'smp/device',
    });
  });
});

const bad = ({ findings }: Diagnosis): string[] =>
  findings
    .filter(({ verdict }) => verdict === 'ill' || verdict === 'look')
    .map(({ area, verdict }) => `${area} ${verdict}`);

describe('the doctor', () => {
  it('finds nothing at a device that works, once its clock is set', async () => {
    const bench = new Bench();
    expect(bad(await bench.diagnose())).toEqual(['clock look']);
    const key = PrivateKey.generate();
    const certificate = bench.certify('gateway-1', 'gateway', key);
    const device = await bench.open();
    await bench.done(setClock(device, { key, certificate }, bench.now));
    const diagnosis = await bench.diagnose();
    expect(bad(diagnosis)).toEqual([]);
    expect(describeDiagnosis(diagnosis)).toMatch(/✓ link +40 of 40 echoes[\s\S]*Nothing to do\.$/);
  });

  it.each([
    ['bad-crc', 'link ill'],
    ['stranger', 'certificate ill'],
    ['seal-bad-signature', 'clock ill'],
  ] as const)('finds %s: %s', async (name, found) => {
    const bench = new Bench();
    bench.reader.misbehave({ name, after: name === 'bad-crc' ? 12 : 0 });
    expect(bad(await bench.diagnose())).toContain(found);
  });

  it('finds a battery that is low, a strap that was cut, a flash that is full and a device that starts over and over', async () => {
    const bench = new Bench({ slots: 64 });
    const { reader } = bench.reader;
    for (let i = 0; i < 4; i++) bench.reader.reboot();
    reader.record(KIND.device, deviceBody({ event: 'battery', percent: 7 }));
    reader.record(KIND.device, deviceBody({ event: 'tamper', what: 'strapCut' }));
    bench.taps(80);
    const diagnosis = await bench.diagnose();
    expect(bad(diagnosis)).toEqual(['clock look', 'flash ill', 'power ill', 'power ill', 'firmware ill']);
    expect(describeDiagnosis(diagnosis)).toContain('Bring it to a gateway of its site');
  });
});
