import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_TIMEOUT_MS, launchChromium } from '../support/chromium.js';

const folder = new URL('../../protocol/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** The whole core and the check of its vectors, as one script for a page. */
async function bundleCore(): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: {
      contents: `
        export * from './index.ts';
        import { checkFile } from './vectors/check.ts';
        import { parseVectorFile } from './vectors/format.ts';
        export const check = (json) => checkFile(parseVectorFile(json));`,
      resolveDir: fileURLToPath(new URL('../../protocol/src/', import.meta.url)),
    },
    bundle: true,
    platform: 'browser',
    conditions: ['browser', '@timeband/source'],
    format: 'iife',
    globalName: 'timeband',
    minify: true,
    write: false,
  });
  expect(warnings).toEqual([]);
  return outputFiles[0]?.text ?? '';
}

describe('the core in a browser', () => {
  let script: string;
  let browser: Browser;
  let page: Page;
  const faults: unknown[] = [];

  beforeAll(async () => {
    [script, browser] = await Promise.all([bundleCore(), launchChromium()]);
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(error));
    await page.addScriptTag({ content: script });
  }, CHROMIUM_TIMEOUT_MS);

  afterAll(async () => {
    await browser.close();
  });

  it('needs nothing that only Node has', () => {
    expect(script).not.toMatch(/\bnode:|\brequire\(|\bBuffer\b|\bprocess\./);
    console.log(`the core and the check of its vectors: ${Math.ceil(script.length / 1_024)} KiB, minified`);
  });

  it.each(files)('finds every case of %s as the file says', async (name) => {
    const json = readFileSync(new URL(name, folder), 'utf8');
    const checked: unknown = await page.evaluate(`timeband.check(${json})`);
    expect(checked).toMatchObject({ problems: [] });
    const { cases } = JSON.parse(json) as { cases: unknown[] };
    const { valid, invalid } = checked as { valid: number; invalid: number };
    expect(valid + invalid).toBe(cases.length);
  });

  it('makes keys of its own that sign and agree', async () => {
    const verdicts: unknown = await page.evaluate(`
      [timeband.ALG.EdDSA, timeband.ALG.ES256].map((algorithm) => {
        const key = timeband.PrivateKey.generate(algorithm);
        return key.publicKey.verify(Uint8Array.of(1), key.sign(Uint8Array.of(1)));
      }).concat(['X25519', 'P-256'].map((curve) => {
        const [a, b] = [timeband.randomBytes(32), timeband.randomBytes(32)];
        a[0] = b[0] = 1; // below the order of P-256
        const shared = (own, other) => timeband.agree(curve, own, timeband.agreementPublic(curve, other));
        return timeband.equalBytes(shared(a, b), shared(b, a));
      }))`);
    expect(verdicts).toEqual([true, true, true, true]);
  });

  it('raises no error on the page', () => {
    expect(faults).toEqual([]);
  });
});
