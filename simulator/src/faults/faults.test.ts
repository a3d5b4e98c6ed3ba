import { describe, expect, it } from 'vitest';
import {
  call,
  chainHash,
  COMMAND,
  decodeStrict,
  type ErrorCode,
  randomBytes,
  SEAL_NONCE_BYTES,
  SmpClient,
  TimebandError,
  toHex,
  TrustStore,
  verifySeal,
} from '@timeband/protocol';
import { SITE } from '../test-support/gateway.js';
import { Bench, PUNCH } from '../test-support/reader.js';
import { memoryLink } from '../uart/memory-link.js';
import { FAULT_NAMES, type FaultName, parseFault } from './index.js';

/** A client whose requests are tried once; what arrives beside answers is kept by its code. */
function clientOf(bench: Bench): { client: SmpClient; faults: ErrorCode[] } {
  const faults: ErrorCode[] = [];
  const client = new SmpClient(memoryLink(bench.device), {
    timers: bench.timers,
    timeoutMs: 1_000,
    retries: 0,
    onFault: (error) => faults.push(error.code),
  });
  return { client, faults };
}

/** Waits for a request while time passes. Returns the code of its failure, or `ok`. */
async function outcome(bench: Bench, request: Promise<unknown>): Promise<ErrorCode | 'ok'> {
  const settled = request.then(
    () => 'ok' as const,
    (error: unknown) => {
      if (error instanceof TimebandError) return error.code;
      throw error;
    },
  );
  for (let i = 0; i < 10; i++) await Promise.resolve();
  bench.timers.advance(1_000);
  return settled;
}

function misbehaving(name: FaultName, after = 0): Bench {
  const bench = new Bench({ settings: { signMs: 0 } });
  bench.device.misbehave({ name, after });
  return bench;
}

/** What `status` comes to, and what else is noticed until the next good answer. */
async function statusUnder(
  name: FaultName,
): Promise<{ status: string; faults: ErrorCode[]; healed: string }> {
  const bench = misbehaving(name);
  const { client, faults } = clientOf(bench);
  const status = await outcome(bench, call(client, COMMAND.status, { seen: 0 }));
  bench.timers.advance(5_000);
  await Promise.resolve();
  bench.device.heal();
  const healed = await outcome(bench, call(client, COMMAND.status, { seen: 0 }));
  const again = healed === 'ok' ? healed : await outcome(bench, call(client, COMMAND.status, { seen: 0 }));
  return { status, faults, healed: again };
}

describe('damage on the line', () => {
  it.each<[FaultName, string, ErrorCode[]]>([
    ['garbage', 'smp/timeout', ['frame/base64']],
    ['truncated-frame', 'smp/timeout', ['frame/truncated']],
    ['overlong-frame', 'smp/timeout', ['frame/overlong']],
    ['bad-crc', 'smp/timeout', ['frame/crc']],
    ['bad-length', 'smp/timeout', ['frame/length']],
    ['silent', 'smp/timeout', []],
    ['late-answer', 'smp/timeout', ['smp/unmatched']],
    ['duplicate-answer', 'ok', ['smp/unmatched']],
    ['console-noise', 'ok', []],
    ['split-bytes', 'ok', []],
  ])('%s: the request ends in %s, with %j, and the link recovers', async (name, status, faults) => {
    expect(await statusUnder(name)).toEqual({ status, faults, healed: 'ok' });
  });
});

describe('hostile CBOR in answers', () => {
  it.each<[FaultName, string]>([
    ['cbor-deep', 'cbor/too-deep'],
    ['cbor-huge', 'cbor/truncated'],
    ['cbor-duplicate-keys', 'cbor/key-duplicate'],
    ['cbor-record-tag', 'cbor/tag'],
    ['cbor-bignum', 'cbor/tag'],
    ['cbor-bad-utf8', 'cbor/utf8'],
    ['cbor-indefinite', 'ok'],
  ])('%s: the request ends in %s', async (name, status) => {
    expect(await statusUnder(name)).toEqual({ status, faults: [], healed: 'ok' });
  });
});

describe('hostile records', () => {
  it.each<[FaultName, ErrorCode]>([
    ['record-unsorted-keys', 'cbor/key-order'],
    ['record-long-heads', 'cbor/not-shortest'],
    ['record-float', 'cbor/float'],
  ])('%s: they are chained and sealed, and end in %s', (name, code) => {
    const bench = misbehaving(name);
    bench.reader.tap(PUNCH);
    const [record = new Uint8Array()] = bench.records(2);
    expect(toHex(bench.seal(2).hashLast)).toBe(toHex(chainHash(bench.hashAt(1), record)));
    expect(() => decodeStrict(record)).toThrow(expect.objectContaining({ code }));
  });
});

describe('lies about the log', () => {
  const nonce = randomBytes(SEAL_NONCE_BYTES);

  async function sealUnder(name: FaultName) {
    const bench = misbehaving(name);
    const { client } = clientOf(bench);
    const first = await call(client, COMMAND.seal, { nonce: randomBytes(SEAL_NONCE_BYTES), upto: 1 });
    return { bench, first, bytes: await call(client, COMMAND.seal, { nonce, upto: 1 }) };
  }

  it('seal-bad-signature: the seal does not verify', async () => {
    const { bench, bytes } = await sealUnder('seal-bad-signature');
    expect(() => verifySeal(bytes, bench.key.publicKey, SITE)).toThrow(
      expect.objectContaining({ code: 'seal/signature' }),
    );
  });

  it('seal-wrong-nonce: the seal verifies, but answers another nonce', async () => {
    const { bench, bytes } = await sealUnder('seal-wrong-nonce');
    expect(toHex(verifySeal(bytes, bench.key.publicKey, SITE).nonce)).not.toBe(toHex(nonce));
  });

  it('replay: the first seal comes again', async () => {
    const { first, bytes } = await sealUnder('replay');
    expect(bytes).toEqual(first);
  });

  it('records-mismatch and gap: what is answered is not what was logged', async () => {
    for (const name of ['records-mismatch', 'gap'] as const) {
      const bench = misbehaving(name);
      bench.reader.tap(PUNCH);
      bench.reader.tap(PUNCH);
      const records = await call(clientOf(bench).client, COMMAND.records, { from: 1 });
      const told = bench.records(1);
      expect(records).toHaveLength(name === 'gap' ? told.length - 1 : told.length);
      expect(records).not.toEqual(told.slice(0, records.length));
    }
  });

  it('stranger and wrong-site: the certificate does not verify for the site', async () => {
    const codes: Record<string, ErrorCode> = {
      stranger: 'cert/untrusted-issuer',
      'wrong-site': 'cert/site',
    };
    for (const name of ['stranger', 'wrong-site'] as const) {
      const bench = misbehaving(name);
      const certificate = await call(clientOf(bench).client, COMMAND.certificate, undefined);
      const trust = new TrustStore([bench.issuerKey.publicKey]);
      expect(() => trust.verify(certificate, { roles: ['reader'], site: SITE })).toThrow(
        expect.objectContaining({ code: codes[name] }),
      );
    }
  });

  /** Taps and acknowledges over the link, where behaviours see it. */
  async function acknowledged(bench: Bench, upto: number): Promise<Uint8Array> {
    const { client } = clientOf(bench);
    bench.reader.hello(bench.gateway.certificate);
    const { hashLast, logId } = bench.seal(upto);
    await call(client, COMMAND.ack, bench.gateway.ack(logId, upto, hashLast));
    return hashLast;
  }

  it('fork: after an ack the same log has another hash where it was acknowledged, sealed by the same key', async () => {
    const bench = misbehaving('fork', 1);
    bench.reader.tap(PUNCH);
    await acknowledged(bench, 1);
    expect(bench.reader.identity().boot).toBe(1);
    const { logId } = bench.reader.identity();
    const before = await acknowledged(bench, 2);
    const seal = bench.seal(bench.reader.status(0).head);
    expect(toHex(seal.logId)).toBe(toHex(logId));
    expect(seal.first).toBe(3);
    expect(toHex(seal.hashBefore)).not.toBe(toHex(before));
    expect(toHex(seal.hashBefore)).toBe(toHex(bench.hashAt(2)));
    expect(toHex(seal.hashLast)).toBe(toHex(bench.hashAt(seal.last)));
  });

  it('rollback: after an ack the head of the same log is below it', async () => {
    const bench = misbehaving('rollback');
    for (let i = 0; i < 5; i++) bench.reader.tap(PUNCH);
    const { logId } = bench.reader.identity();
    await acknowledged(bench, 6);
    expect(bench.reader.identity()).toMatchObject({ logId, acked: 0 });
    expect(bench.reader.status(0).head).toBe(2);
  });
});

describe('the table of faults', () => {
  it('reads a name with the number of occasions to pass up', () => {
    expect(parseFault('fork:3')).toEqual({ name: 'fork', after: 3 });
    expect(parseFault('silent')).toEqual({ name: 'silent', after: 0 });
    for (const wrong of ['', 'nonsense', 'fork:', 'fork:x', 'fork:1:2', 'toString']) {
      expect(parseFault(wrong)).toBeUndefined();
    }
  });

  it('passes up occasions before it begins', async () => {
    const bench = misbehaving('silent', 2);
    const { client } = clientOf(bench);
    const results: string[] = [];
    for (let i = 0; i < 3; i++) results.push(await outcome(bench, call(client, COMMAND.status, { seen: 0 })));
    expect(results).toEqual(['ok', 'ok', 'smp/timeout']);
  });

  it('can be set all at once without breaking the reader', async () => {
    const bench = new Bench();
    for (const name of FAULT_NAMES) bench.device.misbehave({ name, after: 0 });
    const { client } = clientOf(bench);
    await outcome(bench, call(client, COMMAND.identity, undefined));
    bench.device.heal();
    expect(await outcome(bench, call(client, COMMAND.identity, undefined))).toBe('ok');
  });
});
