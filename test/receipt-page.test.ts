/** The page that checks receipts, in a real browser, opened from the disk and without a network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withAnchors } from '@timeband/firmware-tools';
import { buildReceiptPage } from '@timeband/firmware-tools/receipt-page';
import {
  encodeEvent,
  encodeReceipt,
  encodeRecord,
  eventHash,
  inclusionReceipt,
  issueCertificate,
  KIND,
  PrivateKey,
  punchBody,
  receiptToText,
  signHead,
} from '@timeband/protocol';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM_TIMEOUT_MS, launchChromium } from './support/chromium.js';

const SITE = 'dahaiyang';
const NOW = 1_750_000_000;

function issuerOf(key: PrivateKey): Uint8Array {
  return certify('dahaiyang-issuer', 'issuer', key, key);
}

function certify(subject: string, role: 'issuer' | 'gateway', key: PrivateKey, by: PrivateKey): Uint8Array {
  return issueCertificate(by, {
    ...{ issuer: 'dahaiyang-issuer', subject, role, site: SITE },
    ...{ notBefore: NOW - 1_000, expires: NOW + 86_400, key: key.publicKey },
  });
}

/** A receipt of a log with one event: a check-out after `minutes`. */
function receiptBy(issuer: PrivateKey, minutes: number): Uint8Array {
  const gateway = PrivateKey.generate();
  const event = encodeEvent({
    ...{ site: SITE, gateway: 'gw-1', epoch: 1, seq: 1, previous: new Uint8Array(32), type: 'punch' },
    ...{ device: 'reader-1', logId: new Uint8Array(16), logSeq: 1, logPrevious: new Uint8Array(32) },
    record: encodeRecord({
      ...{
        kind: KIND.punch,
        seq: 1,
        boot: 1,
        uptime: 1,
        time: { quality: 'unset' },
        salt: new Uint8Array(8),
      },
      body: punchBody({
        ...{ direction: 'out', service: 101 },
        proof: { kind: 'uid', uid: Uint8Array.of(4, 0xa1, 0xb2, 0xc3) },
      }),
    }),
    ...{ sealId: new Uint8Array(32), evidence: 0, time: { earliest: NOW - 4, latest: NOW } },
    ...{ recorded: NOW, band: 'tag-04a1b2c3', minutes },
  });
  const root = eventHash(event);
  const head = signHead(gateway, { site: SITE, gateway: 'gw-1', epoch: 1, size: 1, issued: NOW + 60, root });
  return encodeReceipt({
    event,
    receipt: inclusionReceipt(head, { treeSize: 1, leafIndex: 0, path: [] }),
    certificate: certify('gw-1', 'gateway', gateway, issuer),
  });
}

describe('the page that checks receipts', () => {
  const issuer = PrivateKey.generate();
  const stranger = PrivateKey.generate();
  const receipt = receiptBy(issuer, 25);
  const tampered = receipt.map((byte, i) => (i === receipt.indexOf(25, 200) ? 240 : byte));
  let dir: string;
  let browser: Browser;
  let page: Page;
  let asked: string[];
  const file = (name: string): string => join(dir, name);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'receipt-page-'));
    const bare = await buildReceiptPage();
    writeFileSync(file('bare.html'), bare);
    writeFileSync(file('receipt.html'), withAnchors(bare, { issuer: issuerOf(issuer) }));
    writeFileSync(file('issuer.cwt'), issuerOf(issuer));
    writeFileSync(file('gateway.cwt'), certify('gw-1', 'gateway', stranger, issuer));
    writeFileSync(file('receipt.cbor'), receipt);
    browser = await launchChromium();
  }, CHROMIUM_TIMEOUT_MS);
  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true });
  });

  beforeEach(async () => {
    page = await browser.newPage();
    asked = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => asked.push(String(error)));
    await page.setOfflineMode(true);
  });
  afterEach(async () => {
    expect(asked.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(asked).toHaveLength(1);
    await page.close();
  });

  const open = (name: string): Promise<unknown> => page.goto(pathToFileURL(file(name)).href);
  const ask = (expression: string): Promise<unknown> => page.evaluate(expression);
  const textOf = (id: string): Promise<unknown> => ask(`document.getElementById('${id}').textContent`);
  const VERDICT = "document.getElementById('verdict').dataset.verdict";
  const verdict = (): Promise<unknown> => ask(VERDICT);
  /** As by pasting: all at once. */
  const paste = (text: string): Promise<unknown> =>
    ask(`{
      const box = document.getElementById('receipt');
      box.value = ${JSON.stringify(text)};
      box.dispatchEvent(new Event('input'));
    }`);
  async function choose(...names: string[]): Promise<void> {
    const input = await page.$('input[type=file]');
    await input?.uploadFile(...names.map(file));
    await page.waitForFunction(`${VERDICT} !== 'none'`);
  }

  it('says that a pasted receipt is good, and what it proves', async () => {
    await open('receipt.html');
    expect(await verdict()).toBe('none');
    await paste(receiptToText(receipt));
    expect(await verdict()).toBe('good');
    expect(await textOf('lines')).toContain('tag-04a1b2c3');
    expect(await textOf('lines')).toMatch(/25 (min|分钟)/);
  });

  it('speaks Chinese and English', async () => {
    await open('receipt.html');
    await paste(receiptToText(receipt));
    const first = await textOf('headline');
    await page.click('#language');
    const second = await textOf('headline');
    expect([first, second].sort()).toEqual(['✓ This receipt is good.', '✓ 凭证有效。']);
    expect(await textOf('title')).toMatch(/Check a receipt|查验凭证/);
  });

  it('refuses a receipt whose minutes were changed', async () => {
    await open('receipt.html');
    await paste(receiptToText(tampered));
    expect(await verdict()).toBe('refused');
    expect(await textOf('reason')).toMatch(/changed|改动/);
    expect(await textOf('lines')).toBe('');
  });

  it('refuses the receipt of another issuer, and text that is none', async () => {
    await open('receipt.html');
    await paste(receiptToText(receiptBy(stranger, 25)));
    expect(await verdict()).toBe('refused');
    expect(await textOf('reason')).toMatch(/another site|不是您信任的站点/);
    await paste('TB1:HELLO');
    expect(await textOf('reason')).toMatch(/no receipt|不是凭证/);
    await paste('');
    expect(await verdict()).toBe('none');
  });

  it('believes nobody until it is given an issuer’s certificate, and then takes files', async () => {
    await open('bare.html');
    await paste(receiptToText(receipt));
    expect(await verdict()).toBe('none');
    expect(await textOf('headline')).toContain('issuer.cwt');
    await choose('issuer.cwt', 'receipt.cbor');
    expect(await verdict()).toBe('good');
  });

  it('does not take a gateway’s certificate for an issuer’s', async () => {
    await open('bare.html');
    await choose('gateway.cwt', 'receipt.cbor');
    expect(await verdict()).toBe('refused');
  });
});
