import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, PrivateKey, receiptToText } from '@timeband/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bandctl, type Outcome } from '../test-support/bandctl.js';
import { certify, issuerCertificate, issuerKey, NOW, SITE } from '../test-support/device.js';
import {
  consistencyOf,
  events,
  gatewayCertificate,
  gatewayKey,
  headOf,
  receiptOf,
} from '../test-support/receipts.js';
import type { Environment } from './environment.js';
import { EXIT } from './exit-codes.js';

const rootKey = PrivateKey.generate();
const cityIssuer = issueCertificate(rootKey, {
  ...{ issuer: 'yantai', subject: 'dahaiyang-issuer', role: 'issuer', site: SITE },
  ...{ notBefore: NOW - 100, expires: NOW + 100, key: issuerKey.publicKey },
});
const root = issueCertificate(rootKey, {
  ...{ issuer: 'yantai', subject: 'yantai', role: 'root', site: 'yantai' },
  ...{ notBefore: NOW - 100, expires: NOW + 100, key: rootKey.publicKey },
});
const strangerKey = PrivateKey.generate();
const stranger = certify('dahaiyang-issuer', 'issuer', strangerKey, strangerKey);

let dir: string;
const file = (name: string): string => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'receipt-'));
  const files: Readonly<Record<string, Uint8Array | string>> = {
    ...{ 'issuer.cwt': issuerCertificate, 'stranger.cwt': stranger, 'gateway.cwt': gatewayCertificate },
    ...{ 'city-issuer.cwt': cityIssuer, 'root.cwt': root },
    ...{ good: receiptOf(2), text: `${receiptToText(receiptOf(2))}\n`, open: receiptOf(1) },
    ...{ compact: receiptOf(2, { certificate: undefined }), head: headOf(2), later: consistencyOf(2, 3) },
    rewritten: headOf(2, { root: new Uint8Array(32) }),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(file(name), content);
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const verify = (
  receipt: string,
  options: string[] = [],
  changed: Partial<Environment> = {},
): Promise<Outcome> =>
  bandctl(['verify-receipt', receipt, '--issuer', file('issuer.cwt'), ...options], {}, changed);

async function refusal(receipt: Uint8Array, issuer = 'issuer.cwt'): Promise<[number, string]> {
  const { exitCode, out } = await bandctl(
    ['verify-receipt', '-', '--issuer', file(issuer)],
    {},
    { readInput: () => receipt },
  );
  return [exitCode, out.join('\n')];
}

describe('bandctl verify-receipt', () => {
  it('says in plain words what a good receipt proves', async () => {
    const { exitCode, out, err } = await verify(file('good'));
    expect([exitCode, err]).toEqual([EXIT.ok, []]);
    expect(out.join('\n')).toMatch(
      /This receipt is good[^]*tag-04010203[^]*check-out[^]*site dahaiyang, at reader-1[^]*When: [^]*–[^]*number 101[^]*25 min[^]*weak: [^]*event 2 of 3/,
    );
  });

  it('says so in Chinese where that is the language, and when told to', async () => {
    const byLocale = await verify(file('good'), [], { locale: 'zh_CN.UTF-8' });
    expect(byLocale.out.join('\n')).toMatch(/凭证有效[^]*签退[^]*25 分钟/);
    expect((await verify(file('good'), ['--lang', 'zh-CN'])).out).toEqual(byLocale.out);
  });

  it('does not claim a bound in time that there is not', async () => {
    const { out } = await verify(file('open'));
    expect(out.join('\n')).toContain('not later than');
    expect(out.join('\n')).not.toContain('–');
  });

  it('takes a file of either form, text on the command line, and standard input', async () => {
    const text = receiptToText(receiptOf(2));
    const outcomes = [
      await verify(file('text')),
      await verify(text),
      await verify('-', [], { readInput: () => new TextEncoder().encode(text) }),
      await verify('-', [], { readInput: () => receiptOf(2) }),
    ];
    for (const { exitCode } of outcomes) expect(exitCode).toBe(EXIT.ok);
  });

  it('prints everything as one JSON object for programs', async () => {
    const { out } = await verify(file('good'), ['--json']);
    expect(JSON.parse(out.join(''))).toMatchObject({
      ...{ verdict: 'good', site: SITE, band: 'tag-04010203', service: 101, minutes: 25, evidence: 0 },
      ...{ earliest: NOW - 10, latest: NOW, position: { epoch: 1, seq: 2 }, head: { size: 3 } },
    });
    const bad = await verify('TB1:000', ['--json']);
    expect(JSON.parse(bad.out.join(''))).toMatchObject({ verdict: 'refused', code: 'receipt/shape' });
    expect(bad.exitCode).toBe(EXIT.refused);
  });

  it('checks the issuer against the city where a city certified it', async () => {
    const by = (issuer: string, ...more: string[]): Promise<Outcome> =>
      bandctl(['verify-receipt', file('good'), '--issuer', file(issuer), ...more]);
    expect((await by('city-issuer.cwt', '--root', file('root.cwt'))).exitCode).toBe(EXIT.ok);
    const alone = await by('city-issuer.cwt');
    expect([alone.exitCode, alone.err.join('')]).toEqual([EXIT.refused, expect.stringContaining('--root')]);
    const foreign = await by('stranger.cwt', '--root', file('root.cwt'));
    expect([foreign.exitCode, foreign.err.join('')]).toEqual([
      EXIT.refused,
      expect.stringContaining('certified by'),
    ]);
  });

  it('needs the certificate of the gateway for a compact receipt', async () => {
    const alone = await verify(file('compact'));
    expect([alone.exitCode, alone.out.join('')]).toEqual([EXIT.refused, expect.stringContaining('compact')]);
    expect((await verify(file('compact'), ['--gateway', file('gateway.cwt')])).exitCode).toBe(EXIT.ok);
  });

  it('has words of their own for each way in which a receipt can be bad', async () => {
    const flipped = receiptOf(2).map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    const gatewayOf = (changed: object): Uint8Array =>
      issueCertificate(issuerKey, {
        ...{ issuer: 'dahaiyang-issuer', subject: 'gw-1', role: 'gateway', site: SITE },
        ...{ notBefore: NOW - 50, expires: NOW + 50, key: gatewayKey.publicKey },
        ...changed,
      });
    const cases = {
      'This is no receipt': await refusal(receiptOf(2).subarray(0, 100)),
      'the proof is for another event': await refusal(receiptOf(2, { event: events[0] ?? flipped })),
      'It was changed': await refusal(receiptOf(2, { head: headOf(3, { issued: NOW + 1 }, strangerKey) })),
      'signed for another site than the one you trust': await refusal(receiptOf(2), 'stranger.cwt'),
      'not a gateway': await refusal(receiptOf(2, { certificate: gatewayOf({ role: 'reader' }) })),
      'outside the time': await refusal(receiptOf(2, { head: headOf(3, { issued: NOW + 60 }) })),
      'certificate inside is damaged': await refusal(
        receiptOf(2, { certificate: gatewayCertificate.map((byte, i) => (i === 90 ? byte ^ 1 : byte)) }),
      ),
    };
    for (const [words, [exitCode, out]] of Object.entries(cases)) {
      expect(exitCode).toBe(EXIT.refused);
      expect(out).toContain('Do not trust this receipt');
      expect(out).toContain(words);
    }
    expect((await refusal(flipped))[0]).toBe(EXIT.refused);
  });

  it('ends with 3 when a file is not there, and with 2 on wrong usage', async () => {
    expect((await verify(file('nowhere'))).exitCode).toBe(EXIT.notReachable);
    expect((await bandctl(['verify-receipt', file('good')])).exitCode).toBe(EXIT.usage);
    expect((await verify(file('good'), ['--lang', 'fr'])).exitCode).toBe(EXIT.usage);
  });
});

describe('bandctl verify-head', () => {
  const head = (name: string, ...options: string[]): Promise<Outcome> =>
    bandctl([
      ...['verify-head', file(name), '--issuer', file('issuer.cwt'), '--gateway', file('gateway.cwt')],
      ...options,
    ]);

  it('says whose log it is and how long', async () => {
    const { exitCode, out } = await head('head');
    expect([exitCode, out.join('\n')]).toEqual([
      EXIT.ok,
      expect.stringMatching(/gw-1 of dahaiyang[^]*events: 2/),
    ]);
  });

  it('shows that a later head continues an earlier one', async () => {
    const { exitCode, out } = await head('later', '--earlier', file('head'), '--json');
    expect(exitCode).toBe(EXIT.ok);
    expect(JSON.parse(out.join(''))).toMatchObject({ verdict: 'good', size: 3, continues: 2 });
  });

  it('refuses a log that was rewritten since', async () => {
    const { exitCode, out } = await head('later', '--earlier', file('rewritten'));
    expect([exitCode, out.join('')]).toEqual([EXIT.refused, expect.stringContaining('does not continue')]);
  });

  it('refuses what is no head, and wants the certificate of the gateway', async () => {
    expect((await head('good')).exitCode).toBe(EXIT.refused);
    const bare = await bandctl(['verify-head', file('head'), '--issuer', file('issuer.cwt')]);
    expect(bare.exitCode).toBe(EXIT.usage);
  });
});
