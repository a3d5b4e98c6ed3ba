/** An update by `bandctl` over a real pseudo-terminal, which is pulled out in the middle. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { issueCertificate, PrivateKey, type Role, TrustStore } from '@timeband/protocol';
import { serialTarget, updateDevice, updateMany } from '@timeband/firmware-tools';
import { createSimulatedReader, SerialReader } from '@timeband/simulator';
import { believedKey, makeImage, signingKey } from './support/firmware.js';

const dir = mkdtempSync(join(tmpdir(), 'update-'));
const plugged: SerialReader[] = [];
const options = { keys: [signingKey], timeoutMs: 500 };

afterEach(() => {
  for (const port of plugged.splice(0)) port.unplug();
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const SITE = 'dahaiyang';
const issuerKey = PrivateKey.generate();

/** Somebody of the site, who wants a session. */
function visitor(role: Role) {
  const key = PrivateKey.generate();
  const now = Math.floor(Date.now() / 1_000);
  const certificate = issueCertificate(issuerKey, {
    ...{ issuer: SITE, subject: 'somebody', role, site: SITE, key: key.publicKey },
    ...{ notBefore: now - 60, expires: now + 3_600 },
  });
  const trust = new TrustStore([issuerKey.publicKey]);
  return {
    ...{ key, certificate },
    verify: (bytes: Uint8Array) => trust.verify(bytes, { roles: ['reader'], site: SITE }),
  };
}

function plugIn(id: string, untrustedLink = false) {
  const device = createSimulatedReader({
    ...{ site: SITE, issuerKey, id, untrustedLink },
    boot: { keys: [believedKey], swapMs: 100 },
  });
  const link = join(dir, id);
  const port = new SerialReader(device, { baud: 460_800, link });
  plugged.push(port);
  return { device, port, target: serialTarget(link) };
}

describe('an update over a serial port', () => {
  it('goes on when the port comes back, and the device runs the new image', async () => {
    const { device, port, target } = plugIn('reader-1');
    let isPulled = false;
    const report = await updateDevice(target, makeImage({ bytes: 40_000 }), {
      ...options,
      progress: ({ offset = 0 }) => {
        if (isPulled || offset < 15_000) return;
        isPulled = true;
        port.unplug();
        setTimeout(() => {
          port.plug();
        }, 300);
      },
    });
    expect(report).toMatchObject({ device: 'reader-1', from: '1.0.0', to: '2.0.0', breaks: 1 });
    expect(device.machine?.image?.version).toBe('2.0.0');
    expect(device.machine?.slots.isConfirmed).toBe(true);
  });

  it('does several devices at once, and one that fails leaves the others alone', async () => {
    const [one, two] = [plugIn('reader-1'), plugIn('reader-2')];
    writeFileSync(join(dir, 'nothing'), '');
    const results = await updateMany(
      [one.target, serialTarget(join(dir, 'nothing')), two.target],
      makeImage({ bytes: 8_000 }),
      options,
    );
    expect(results).toMatchObject([
      { device: 'reader-1', outcome: 'updated' },
      { code: 'link/open' },
      { device: 'reader-2', outcome: 'updated' },
    ]);
  });

  it('that nobody trusts takes a technician, and refuses a gateway', async () => {
    const { device, target } = plugIn('reader-1', true);
    const image = makeImage({ bytes: 8_000 });
    await expect(updateDevice(target, image, options)).rejects.toMatchObject({ code: 'target/session' });
    await expect(
      updateDevice(target, image, { ...options, technician: visitor('gateway') }),
    ).rejects.toMatchObject({ code: 'smp/device', rc: 11 });
    const report = await updateDevice(target, image, { ...options, technician: visitor('technician') });
    expect(report).toMatchObject({ outcome: 'updated', notes: [] });
    expect(device.machine?.image?.version).toBe('2.0.0');
  });
});
