import { describe, expect, it } from 'vitest';
import { PrivateKey, randomBytes, SEAL_NONCE_BYTES, toHex } from '@timeband/protocol';
import { TestGateway } from '../test-support/gateway.js';
import { Bench, PUNCH } from '../test-support/reader.js';
import { Refusal, type RefusalName } from './refusal.js';

function refusal(action: () => unknown): RefusalName | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return undefined;
}

describe('a reader', () => {
  it('begins every start with a device record that says so', () => {
    const bench = new Bench();
    bench.reader.reboot();
    expect(bench.decoded(1).map(({ seq, boot }) => [seq, boot])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(bench.deviceEvents(1)).toEqual(['boot', 'boot']);
  });

  it('shows the newest record in its status until it is sealed or seen', () => {
    const bench = new Bench();
    bench.reader.tap(PUNCH);
    expect(bench.reader.status(1).newest).toEqual(bench.records(2)[0]);
    expect(bench.reader.status(2).newest).toBeUndefined();
    bench.seal(2);
    expect(bench.reader.status(0)).toMatchObject({ head: 2, sealed: 2, newest: undefined });
  });

  it('seals what is not acknowledged, with the hashes a gateway reckons itself', () => {
    const bench = new Bench();
    for (let i = 0; i < 5; i++) bench.reader.tap(PUNCH);
    bench.acknowledge(3);
    const seal = bench.seal(6);
    expect(seal).toMatchObject({ first: 4, last: 6 });
    expect(toHex(seal.hashBefore)).toBe(toHex(bench.hashAt(3)));
    expect(toHex(seal.hashLast)).toBe(toHex(bench.hashAt(6)));
  });

  it('seals no more than it has logged and nothing that it has let go', () => {
    const bench = new Bench();
    bench.reader.tap(PUNCH);
    bench.acknowledge(2);
    for (const upto of [1, 3]) {
      expect(refusal(() => bench.reader.seal(randomBytes(SEAL_NONCE_BYTES), upto))).toBe('notAvailable');
    }
  });
});

describe('an ack', () => {
  it('lets records go only when signed by a certified gateway', () => {
    const bench = new Bench();
    const { hashLast } = bench.seal(1);
    const { logId } = bench.reader.identity();
    const ack = bench.gateway.ack(logId, 1, hashLast);
    expect(refusal(() => bench.reader.ack(ack))).toBe('unknownGateway');
    bench.reader.hello(bench.gateway.certificate);
    expect(bench.reader.ack(ack)).toBe(1);
    expect(bench.records(1)).toHaveLength(1);
  });

  it('does nothing when it is forged, replayed, early or of another log', () => {
    const bench = new Bench();
    bench.reader.tap(PUNCH);
    bench.reader.hello(bench.gateway.certificate);
    const { logId } = bench.reader.identity();
    const { hashLast } = bench.seal(1);
    const { gateway, reader } = bench;
    const cases: [RefusalName, Uint8Array][] = [
      ['hashMismatch', gateway.ack(logId, 1, randomBytes(32))],
      ['notSealed', gateway.ack(logId, 2, bench.hashAt(2))],
      ['notTrusted', gateway.ack(randomBytes(16), 1, hashLast)],
      ['notTrusted', gateway.ack(logId, 1, hashLast, { site: 'elsewhere' })],
      ['notTrusted', gateway.ack(logId, 1, hashLast, { gateway: 'gw-2' })],
      ['unknownGateway', new TestGateway(bench.issuerKey).ack(logId, 1, hashLast)],
      ['notTrusted', gateway.clock(bench.device.id, reader.clockNonce())],
      ['notTrusted', Uint8Array.of(1, 2, 3)],
    ];
    for (const [reason, ack] of cases) expect(refusal(() => reader.ack(ack))).toBe(reason);
    const tampered = gateway.ack(logId, 1, hashLast);
    tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
    expect(refusal(() => reader.ack(tampered))).toBe('notTrusted');
    expect(reader.identity().acked).toBe(0);

    bench.acknowledge(2);
    expect(reader.ack(gateway.ack(logId, 1, hashLast))).toBe(2);
    expect(bench.events.filter(({ event }) => event === 'acked')).toHaveLength(1);
  });

  it('is refused after a start until the gateway presents itself again', () => {
    const bench = new Bench();
    bench.acknowledge(1);
    bench.reader.reboot();
    const { hashLast } = bench.seal(2);
    const ack = bench.gateway.ack(bench.reader.identity().logId, 2, hashLast);
    expect(refusal(() => bench.reader.ack(ack))).toBe('unknownGateway');
  });
});

describe('a gateway that presents itself', () => {
  it('is believed only as a gateway of the own site, certified by the own issuer and not expired', () => {
    const bench = new Bench();
    const stranger = PrivateKey.generate();
    const others = [
      new TestGateway(stranger),
      new TestGateway(bench.issuerKey, { site: 'elsewhere' }),
      new TestGateway(bench.issuerKey, { role: 'reader' }),
    ];
    for (const { certificate } of others) {
      expect(
        refusal(() => {
          bench.reader.hello(certificate);
        }),
      ).toBe('notTrusted');
    }
    const now = Math.floor(Date.now() / 1_000);
    bench.introduce(now);
    const expired = new TestGateway(bench.issuerKey, { expires: now });
    expect(
      refusal(() => {
        bench.reader.hello(expired.certificate);
      }),
    ).toBe('notTrusted');
  });
});

describe('feedback', () => {
  const feedback = { seq: 2, outcome: 'accepted', minutes: 45 } as const;

  it('is shown once, with the time since the tap', () => {
    const bench = new Bench();
    bench.introduce();
    bench.reader.tap(PUNCH);
    bench.timers.advance(40);
    bench.reader.feedback(feedback);
    bench.reader.feedback(feedback);
    expect(bench.events.filter(({ event }) => event === 'feedback')).toEqual([
      { event: 'feedback', ...feedback, afterMs: 40 },
    ]);
  });

  it('is taken only from a gateway that answered the nonce of this link and this start', () => {
    const bench = new Bench();
    bench.reader.tap(PUNCH);
    const show = (): RefusalName | undefined =>
      refusal(() => {
        bench.reader.feedback(feedback);
      });
    bench.reader.hello(bench.gateway.certificate);
    expect(show()).toBe('notIntroduced');
    bench.introduce();
    bench.reader.linkDropped();
    expect(show()).toBe('notIntroduced');
    bench.introduce();
    bench.reader.reboot();
    expect(show()).toBe('notIntroduced');
    bench.introduce();
    expect(show()).toBeUndefined();
  });

  it('is refused for records that were never logged', () => {
    const bench = new Bench();
    bench.introduce();
    expect(
      refusal(() => {
        bench.reader.feedback(feedback);
      }),
    ).toBe('notAvailable');
  });
});

describe('a clock document', () => {
  const wall = Math.floor(Date.now() / 1_000);

  it('answers a nonce that holds once', () => {
    const bench = new Bench();
    bench.reader.hello(bench.gateway.certificate);
    const document = bench.gateway.clock(bench.device.id, bench.reader.clockNonce(), { wall });
    bench.reader.setClock(document);
    expect(
      refusal(() => {
        bench.reader.setClock(document);
      }),
    ).toBe('staleNonce');
    const other = bench.gateway.clock('reader-2', bench.reader.clockNonce(), { wall });
    expect(
      refusal(() => {
        bench.reader.setClock(other);
      }),
    ).toBe('notTrusted');
  });

  it('is logged when it moves the clock back, or more than two minutes forward', () => {
    const bench = new Bench();
    bench.introduce(wall);
    bench.timers.advance(10_000);
    bench.introduce(wall + 10 + 120);
    expect(bench.deviceEvents(1)).toEqual(['boot']);
    bench.introduce(wall + 10 + 120 + 121);
    bench.introduce(wall + 10 + 120 + 120);
    expect(bench.deviceEvents(1)).toEqual(['boot', 'clockStep', 'clockStep']);
    expect(bench.reader.clock.time()).toEqual({ quality: 'set', wall: wall + 250, age: 0 });
  });

  it('leaves the clock alone, but introduces the gateway, when it carries no time', () => {
    const bench = new Bench();
    bench.introduce();
    expect(bench.reader.clock.time()).toEqual({ quality: 'unset' });
  });

  it('makes a clock that only runs on by itself after the next start', () => {
    const bench = new Bench();
    bench.introduce(wall);
    bench.timers.advance(5_000);
    bench.reader.reboot();
    expect(bench.reader.clock.time()).toEqual({ quality: 'free-running', wall: wall + 5 });
    expect(bench.reader.clock.uptime()).toBe(0);
  });
});
