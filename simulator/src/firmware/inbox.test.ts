import {
  call,
  COMMAND,
  encodeReceipt,
  issueCertificate,
  KIND,
  MAX_PUT_BYTES,
  PrivateKey,
  type PutWhat,
  readPolicy,
  signPolicy,
  SmpClient,
  keyId,
  toHex,
} from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { SITE } from '../test-support/gateway.js';
import { Bench } from '../test-support/reader.js';
import { memoryLink } from '../uart/memory-link.js';
import { Refusal } from './refusal.js';

const NOW = Math.floor(Date.now() / 1_000);

function put(bench: Bench, what: PutWhat, data: Uint8Array): string {
  try {
    bench.reader.inbox.put({ what, offset: 0, data, total: data.length });
    return 'taken';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

const introduced = (): Bench => {
  const bench = new Bench();
  bench.introduce(NOW);
  return bench;
};
const catalogue = (bench: Bench, number: number, price = 30): Uint8Array =>
  signPolicy(
    bench.issuerKey,
    { number, issued: NOW, site: SITE },
    { type: 'catalogue', body: new Map([[7, price]]) },
  );
const receipt = (n: number): Uint8Array =>
  encodeReceipt({ event: Uint8Array.of(n), receipt: Uint8Array.of(n), certificate: undefined });
const certificate = (by: PrivateKey, key = PrivateKey.generate()) => ({
  kid: keyId(key.publicKey),
  bytes: issueCertificate(by, {
    ...{ issuer: SITE, subject: 'operator-1', role: 'operator', site: SITE, key: key.publicKey },
    ...{ notBefore: NOW - 60, expires: NOW + 60 },
  }),
});

describe('what is handed down to a device', () => {
  it('is no policy and no certificate before a gateway was introduced on this link', () => {
    const bench = new Bench();
    const { bytes } = certificate(bench.issuerKey);
    expect([put(bench, 'policy', catalogue(bench, 1)), put(bench, 'certificate', bytes)]).toEqual([
      'notIntroduced',
      'notIntroduced',
    ]);
    bench.introduce(NOW);
    bench.reader.linkDropped();
    expect(put(bench, 'policy', catalogue(bench, 1))).toBe('notIntroduced');
    expect(bench.reader.policies()).toEqual([]);
  });

  it('is logged with its outcome: once when applied, once when refused, though it comes again', () => {
    const bench = introduced();
    const before = bench.reader.status(0).head;
    const documents = [catalogue(bench, 2), catalogue(bench, 2), catalogue(bench, 1), catalogue(bench, 1)];
    const forged = catalogue(bench, 3).map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte));
    const outcomes = [...documents, forged, Uint8Array.of(0xa0)].map((bytes) => put(bench, 'policy', bytes));
    expect(outcomes).toEqual(['taken', 'taken', ...Array<string>(4).fill('notTrusted')]);
    const logged = bench.decoded(before + 1);
    expect(logged.map(({ kind }) => kind)).toEqual([KIND.policy, KIND.policy, KIND.policy]);
    expect(logged.map(({ body }) => readPolicy(body))).toMatchObject([
      { type: 1, number: 2, outcome: 'applied' },
      { type: 1, number: 1, outcome: 'refused' },
      { type: 1, number: 3, outcome: 'refused' },
    ]);
  });

  it('has not arrived when it was refused, though its last piece is repeated', () => {
    const bench = introduced();
    const forged = catalogue(bench, 1).map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte));
    const half = forged.length >> 1;
    const first = {
      what: 'policy',
      offset: 0,
      data: forged.subarray(0, half),
      total: forged.length,
    } as const;
    const last = { what: 'policy', offset: half, data: forged.subarray(half) } as const;
    bench.reader.inbox.put(first);
    expect(() => bench.reader.inbox.put(last)).toThrow(Refusal);
    expect(bench.reader.inbox.put(last)).toEqual({ next: 0 });
  });

  it('cannot fill its memory: the newest receipts and certificates are kept, and one document at a time', () => {
    const bench = introduced();
    for (let n = 0; n < 20; n++) expect(put(bench, 'receipt', receipt(n % 10))).toBe('taken');
    expect(bench.reader.inbox.receipts.map(toHex)).toEqual([6, 7, 8, 9].map((n) => toHex(receipt(n))));
    const many = Array.from({ length: 9 }, () => certificate(bench.issuerKey));
    for (const { bytes } of many) expect(put(bench, 'certificate', bytes)).toBe('taken');
    const kept = many.map(({ kid }) => bench.reader.inbox.certificate(kid) !== undefined);
    expect(kept).toEqual([false, ...Array<boolean>(8).fill(true)]);
    const total = MAX_PUT_BYTES + 1;
    expect(() =>
      bench.reader.inbox.put({ what: 'receipt', offset: 0, data: Uint8Array.of(1), total }),
    ).toThrow(/at most/);
  });

  it('is refused when it is not what it is called, or another issuer’s', () => {
    const bench = introduced();
    expect(put(bench, 'receipt', Uint8Array.of(0x80))).toBe('notTrusted');
    expect(put(bench, 'certificate', certificate(PrivateKey.generate()).bytes)).toBe('notTrusted');
    expect(put(bench, 'certificate', receipt(1))).toBe('notTrusted');
  });

  it('can be asked for: certificates by their key, the policy by type', async () => {
    const bench = introduced();
    const client = new SmpClient(memoryLink(bench.device), { timers: bench.timers });
    const known = certificate(bench.issuerKey);
    put(bench, 'certificate', known.bytes);
    put(bench, 'policy', catalogue(bench, 5));
    const ask = (kid: Uint8Array): Promise<Uint8Array> => call(client, COMMAND.certificate, kid);
    expect(toHex(await ask(known.kid))).toBe(toHex(known.bytes));
    expect(toHex(await ask(keyId(bench.gateway.key.publicKey)))).toBe(toHex(bench.gateway.certificate));
    expect(toHex(await ask(keyId(bench.key.publicKey)))).toBe(toHex(bench.reader.certificate));
    await expect(ask(new Uint8Array(8))).rejects.toMatchObject({ rc: 2 });
    expect(await call(client, COMMAND.policies, undefined)).toEqual([{ type: 1, number: 5 }]);
  });
});
