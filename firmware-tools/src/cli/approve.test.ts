import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvedBody, KIND, PrivateKey, readBody, verifyApprovals } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { afterAll, describe, expect, it } from 'vitest';
import { bandctl } from '../test-support/bandctl.js';

const dir = mkdtempSync(join(tmpdir(), 'approve-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
const operators = [PrivateKey.generate(), PrivateKey.generate()] as const;
const keyFiles = operators.map((key, i) => {
  const file = join(dir, `operator-${i}.key`);
  writeFileSync(file, writePrivateKeyPem(key), { mode: 0o600 });
  return file;
});
const file = join(dir, 'late.json');
const draft = `draft correction --account wang --minutes -30 --sort lateEntry --reason noDevice --service 601 --started 2026-03-01T01:00Z --ended 2026-03-01T02:00Z --out ${file}`;

describe('a decision of operators', () => {
  it('is written down, shown, and signed by one after the other', async () => {
    expect(await bandctl(draft)).toMatchObject({ exitCode: 0, err: [] });
    expect((await bandctl(`approve ${file}`)).out).toEqual(
      expect.arrayContaining(['  account: wang', '  minutes: -30', '  ended: 2026-03-01T02:00:00.000Z']),
    );
    for (const [i, key] of keyFiles.entries()) {
      const { exitCode, out } = await bandctl(`approve ${file} --site dahaiyang --key ${key}`);
      expect([exitCode, out.at(-1)]).toEqual([0, `approved; ${file} has ${i + 1} signatures`]);
    }
    const { action, approvals } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly action: string;
      readonly approvals: readonly { readonly message: string }[];
    };
    const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
    const body = approvedBody(
      bytes(action),
      approvals.map(({ message }) => ({ by: 'certificate', message: bytes(message) })),
    );
    const read = readBody(KIND.correct, body);
    if (read.kind !== 'correct') throw new TypeError('no correction');
    const known = new Map(
      operators.map(({ publicKey }, i) => [i, { subject: `operator-${i}`, key: publicKey }]),
    );
    let asked = 0;
    expect(verifyApprovals(read, { site: 'dahaiyang', operatorOf: () => known.get(asked++) })).toEqual([
      'operator-0',
      'operator-1',
    ]);
  });

  it('is refused in words where it is none, or would write over another', async () => {
    expect((await bandctl(draft)).exitCode).toBe(4);
    expect(
      (await bandctl(draft.replace('--service 601 ', '').replace(file, join(dir, 'b.json')))).exitCode,
    ).toBe(2);
    for (const [i, text] of ['', '{}', '{"kind":"correct","action":"oA==","approvals":[]}'].entries()) {
      const bad = join(dir, `bad-${i}.json`);
      writeFileSync(bad, text);
      expect(await bandctl(`approve ${bad}`)).toMatchObject({ exitCode: 4, out: [] });
    }
    expect((await bandctl(`approve ${join(dir, 'none.json')}`)).exitCode).toBe(3);
    expect((await bandctl(`approve ${file} --key ${keyFiles[0] ?? ''}`)).exitCode).toBe(2);
  });
});
