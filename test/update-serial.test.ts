/** An update by `bandctl` over a real pseudo-terminal, which is pulled out in the middle. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PrivateKey } from '@timeband/protocol';
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

function plugIn(id: string) {
  const device = createSimulatedReader({
    ...{ site: 'dahaiyang', issuerKey: PrivateKey.generate(), id },
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
});
