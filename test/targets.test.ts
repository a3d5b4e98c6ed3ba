/** Devices as `bandctl` opens them: a simulated one, started for it, over a real pseudo-terminal. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { issueCertificate, PrivateKey, TrustStore } from '@timeband/protocol';
import { writePrivateKeyPem } from '@timeband/protocol/pem';
import { openDevice, simulatedTargets, type Targets } from '@timeband/firmware-tools';

const SITE = 'dahaiyang';
const issuer = PrivateKey.generate();
const dir = mkdtempSync(join(tmpdir(), 'targets-'));
const issuerFile = join(dir, 'issuer.pem');
writeFileSync(issuerFile, writePrivateKeyPem(issuer));

let targets: Targets | undefined;
afterEach(async () => {
  await targets?.close();
  targets = undefined;
});

function technician() {
  const key = PrivateKey.generate();
  const now = Math.floor(Date.now() / 1_000);
  const certificate = issueCertificate(issuer, {
    ...{ issuer: SITE, subject: 'tech-1', role: 'technician', site: SITE, key: key.publicKey },
    ...{ notBefore: now - 60, expires: now + 3_600 },
  });
  const trust = new TrustStore([issuer.publicKey]);
  return {
    key,
    certificate,
    verify: (bytes: Uint8Array) => trust.verify(bytes, { roles: ['reader'], site: SITE }),
  };
}

async function onlyTarget(...args: string[]) {
  targets = await simulatedTargets({ args: ['--issuer-key', issuerFile, '--site', SITE, ...args] });
  const [target] = targets.list;
  if (target === undefined) throw new Error('no target');
  return target;
}

describe('a simulated target', () => {
  it('opens as often as asked, tells who it is, and is gone once closed', async () => {
    const target = await onlyTarget('--id', 'reader-7');
    for (let i = 0; i < 2; i++) {
      const device = await openDevice(target);
      expect(device.identity?.device).toBe('reader-7');
      expect(device.parameters).toMatchObject({ bufferBytes: 384, assumed: false });
      await device.close();
    }
    await targets?.close();
    expect(existsSync(target.name)).toBe(false);
    await expect(openDevice(target)).rejects.toMatchObject({ code: 'link/open' });
  });

  it('that demands a session gets one from a technician, and refuses who has no certificate', async () => {
    const target = await onlyTarget('--untrusted-link');
    await expect(openDevice(target)).rejects.toMatchObject({ code: 'target/session' });
    const device = await openDevice(target, { technician: technician() });
    expect(device.peer?.subject).toBe('reader-1');
    expect(device.identity?.device).toBe('reader-1');
    await device.close();
  });

  it('that does not start says why', async () => {
    await expect(simulatedTargets({ args: ['--buffer', '5'] })).rejects.toThrow(/128 to 4096/);
    await expect(simulatedTargets({ program: '/no/bandsim' })).rejects.toMatchObject({
      code: 'target/simulator',
    });
  });
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});
