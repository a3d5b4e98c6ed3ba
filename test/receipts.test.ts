/** Receipts on the programs as they ship: a tap, its receipt, and whoever checks it with nothing but the issuer's certificate. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Child } from '@timeband/simulator';
import { gatewayTopics, openIssuerCertificate, signHead, TrustStore, verifyHead } from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import jsQR from 'jsqr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANDCTL_BIN, Centre, GATEWAY, GATEWAY_BIN, SITE, type VerifyingClient } from './support/centre.js';
import { CHROMIUM_TIMEOUT_MS, launchChromium } from './support/chromium.js';
import { outcome, type Outcome } from './support/outcome.js';

/** What a camera would see. */
async function picture(
  png: Uint8Array,
): Promise<{ pixels: Uint8ClampedArray; width: number; height: number }> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const seen: unknown = await page.evaluate(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${Buffer.from(png).toString('base64')}';
      await image.decode();
      const { width, height } = image;
      const canvas = new OffscreenCanvas(width, height).getContext('2d');
      canvas.drawImage(image, 0, 0);
      const { data } = canvas.getImageData(0, 0, width, height);
      return { width, height, pixels: [...data] };
    })()`);
    const { pixels, width, height } = seen as { pixels: number[]; width: number; height: number };
    return { pixels: Uint8ClampedArray.from(pixels), width, height };
  } finally {
    await browser.close();
  }
}

describe('a receipt', () => {
  let centre: Centre;
  let client: VerifyingClient;
  let reader: Child;
  const file = (name: string): string => join(centre.dir, name);
  const siteFile = (name: string): string => join(dirname(centre.config), 'keys', name);
  const gateway = (...args: string[]): Promise<Outcome> =>
    outcome([GATEWAY_BIN, ...args, '--config', centre.config]);
  const trusted = (): string[] => ['--issuer', String(centre.files['issuerCertificate'])];
  const verify = (name: string, ...args: string[]): Promise<Outcome> =>
    outcome([BANDCTL_BIN, 'verify-receipt', name, ...trusted(), ...args]);

  const tap = async (number: number): Promise<void> => {
    const before = client.events.length;
    reader.tell(`tap ${number} in 101`);
    await client.until((events) => events.length === before + 1);
  };

  beforeAll(async () => {
    centre = await Centre.create();
    appendFileSync(centre.config, 'receipts: { headEverySeconds: 1 }\n');
    await centre.startGateway();
    client = await centre.subscribe();
    reader = await centre.startReader('reader-1', ['--rate', '0', '--bands', '40']);
    await client.until((events) => events.length === 1);
    for (const number of [1, 2, 3, 4]) await tap(number);
  });
  afterAll(() => centre.close());

  it('of a tap is accepted by who knows the issuer alone', async () => {
    expect(await gateway('receipt', '--seq', '3', '--out', file('receipt'))).toMatchObject({ exitCode: 0 });
    const { exitCode, out } = await verify(file('receipt'), '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{ verdict: 'good', site: SITE, gateway: GATEWAY, device: 'reader-1', service: 101 },
      ...{ direction: 'in', position: { seq: 3 } },
    });
  });

  it('is the same by device and record, as text, and is drawn on a terminal and for a printer', async () => {
    const text = await gateway('receipt', '--device', 'reader-1', '--record', '3');
    expect(await verify(text.out.trim())).toMatchObject({ exitCode: 0 });
    const { out: svg } = await gateway('receipt', '--seq', '3', '--qr', 'svg');
    expect(svg).toMatch(/^<svg/);
    expect((await gateway('receipt', '--seq', '3', '--qr', 'terminal')).out).toContain('▄');
  });

  it(
    'is scanned from a printed code',
    async () => {
      await gateway('receipt', '--seq', '3', '--qr', 'png', '--out', file('qr.png'));
      const { pixels, width, height } = await picture(readFileSync(file('qr.png')));
      const scanned = jsQR.default(pixels, width, height)?.data ?? '';
      expect(await verify(scanned)).toMatchObject({ exitCode: 0 });
    },
    CHROMIUM_TIMEOUT_MS,
  );

  it('with a flipped bit is refused', async () => {
    const good = readFileSync(file('receipt'));
    for (const place of [30, good.length >> 1, good.length - 250, good.length - 10]) {
      writeFileSync(
        file('bent'),
        good.map((byte, i) => (i === place ? byte ^ 4 : byte)),
      );
      expect((await verify(file('bent'))).exitCode).toBe(4);
    }
  });

  it('is not to be had for an event that there is not, and says how to ask', async () => {
    expect((await gateway('receipt', '--seq', '999')).exitCode).toBe(3);
    expect((await gateway('receipt', '--device', 'reader-1', '--record', '999')).exitCode).toBe(3);
    expect((await gateway('receipt')).exitCode).toBe(2);
    expect((await gateway('receipt', '--seq', '0')).exitCode).toBe(2);
    expect((await gateway('receipt', '--seq', '3', '--qr', 'png')).exitCode).toBe(2);
  });

  it('shows, with an earlier head, whether the log was rewritten', async () => {
    await gateway('head', '--out', file('head'));
    await tap(5);
    const { exitCode } = await gateway('head', '--since', '5', '--out', file('since-5'));
    expect(exitCode).toBe(0);
    const check = (earlier: string): Promise<Outcome> =>
      outcome([
        ...[BANDCTL_BIN, 'verify-head', file('since-5'), '--earlier', file(earlier), '--json'],
        ...['--gateway', siteFile('gateway.cwt'), ...trusted()],
      ]);
    const honest = await check('head');
    expect([honest.exitCode, JSON.parse(honest.out)]).toMatchObject([0, { size: 6, continues: 5 }]);
    const key = readPrivateKeyPem(readFileSync(siteFile('gateway.key'), 'utf8'));
    const said = { site: SITE, gateway: GATEWAY, epoch: 1, size: 5, issued: Math.floor(Date.now() / 1_000) };
    writeFileSync(file('other-head'), signHead(key, { ...said, root: new Uint8Array(32) }));
    expect((await check('other-head')).exitCode).toBe(4);
  });

  it('stands under a head that is published, and retained for whoever comes later', async () => {
    const late = await centre.subscribe('late');
    const topic = gatewayTopics(SITE, GATEWAY).head;
    const message = new Promise<{ bytes: Uint8Array; isRetained: boolean }>((resolve) => {
      late.mqtt.on('message', (on, bytes, { retain }) => {
        if (on === topic) resolve({ bytes, isRetained: retain });
      });
    });
    await late.mqtt.subscribeAsync(topic, { qos: 1 });
    const { bytes, isRetained } = await message;
    const issuer = openIssuerCertificate(readFileSync(String(centre.files['issuerCertificate'])));
    const certificate = new TrustStore([issuer]).verify(readFileSync(siteFile('gateway.cwt')), {
      ...{ roles: ['gateway'], site: SITE },
    });
    expect(verifyHead(bytes, certificate).size).toBeGreaterThanOrEqual(5);
    expect(isRetained).toBe(true);
  });
});
