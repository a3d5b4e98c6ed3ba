/** Updates of firmware, against MCUboot's behaviour in simulated flash. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '@timeband/protocol';
import { hardwareTlv, updateDevice, type UpdateOptions } from '@timeband/firmware-tools';
import {
  type Cut,
  FirmwareBench,
  type ImageChoice,
  makeImage,
  otherKey,
  signingKey,
} from './support/firmware.js';

const image = makeImage();

function update(bench: FirmwareBench, choice: ImageChoice = {}, options: UpdateOptions = {}) {
  return bench.until(
    updateDevice(bench.target, makeImage(choice), { keys: [signingKey], timers: bench.timers, ...options }),
  );
}

function runningHash(bench: FirmwareBench): string | undefined {
  const { image: running } = bench.machine;
  return running && toHex(running.hash);
}

describe('an update', () => {
  it('brings an image onto a device, tries it, and keeps it', async () => {
    const bench = new FirmwareBench();
    const phases = new Set<string>();
    const report = await update(bench, {}, { progress: ({ phase }) => phases.add(phase) });
    expect(report).toMatchObject({ outcome: 'updated', from: '1.0.0', to: '2.0.0', breaks: 0, notes: [] });
    expect([...phases]).toEqual([
      'connecting',
      'checking',
      'uploading',
      'restarting',
      'waiting',
      'examining',
    ]);
    expect(runningHash(bench)).toBe(toHex(image.digest));
    expect(bench.machine.slots.isConfirmed).toBe(true);
    expect(bench.device.reader.identity().firmware).toBe('sim-2.0.0');
    expect(await update(bench)).toMatchObject({ outcome: 'already' });
  });

  it.each([
    ['update/hardware', { custom: [hardwareTlv('toaster')] }],
    ['update/hardware', { custom: [] }],
    ['update/signature', { key: otherKey }],
    ['update/version', { version: '0.9.0' }],
  ] as [string, ImageChoice][])('is refused with %s before a byte is sent', async (code, choice) => {
    const bench = new FirmwareBench();
    await expect(update(bench, choice)).rejects.toMatchObject({ code });
    expect(bench.machine.slots.flash.isErased(9 * 4_096, 18 * 4_096)).toBe(true);
  });

  it('is refused below the security counter of what was kept before', async () => {
    const bench = new FirmwareBench();
    await update(bench, { securityCounter: 5 });
    bench.device.reboot();
    await expect(update(bench, { version: '3.0.0', securityCounter: 4 })).rejects.toMatchObject({
      code: 'update/security-counter',
    });
  });

  it.each(['hang', 'crash', 'sick'] as const)(
    'to an image that comes up to %s goes back by itself',
    async (ailment) => {
      const bench = new FirmwareBench();
      await expect(update(bench, { ailment })).rejects.toMatchObject({ code: 'update/reverted' });
      expect(bench.machine.image?.version).toBe('1.0.0');
      expect(bench.machine.mode).toBe('firmware');
      expect(await update(bench)).toMatchObject({ outcome: 'updated' });
    },
  );

  it('works from the serial recovery of the bootloader, and says what could not be checked', async () => {
    const bench = new FirmwareBench({ recovery: true });
    const report = await update(bench);
    expect(report).toMatchObject({ outcome: 'updated', to: '2.0.0' });
    expect(report.notes).toHaveLength(2);
    expect(bench.machine.mode).toBe('firmware');
    expect(runningHash(bench)).toBe(toHex(image.digest));
  });

  it('that the bootloader does not start is said to be so', async () => {
    const bench = new FirmwareBench({ recovery: true });
    await expect(
      update(bench, { key: otherKey }, { keys: [], uncheckedSignature: true }),
    ).rejects.toMatchObject({ code: 'update/not-taken' });
    expect(await update(bench)).toMatchObject({ outcome: 'updated' });
  });

  it('goes on where it was when the cable was pulled', async () => {
    const bench = new FirmwareBench();
    bench.cut([{ what: 'cable', packet: 30 }]);
    const offsets: number[] = [];
    const report = await update(
      bench,
      {},
      {
        progress: ({ phase, offset = 0 }) => {
          if (phase === 'waiting' && offsets.length < 30) offsets.length = 0;
          if (offset > 0) offsets.push(offset);
        },
      },
    );
    expect(report.breaks).toBe(1);
    expect(Math.min(...offsets)).toBeGreaterThan(5_000);
  });

  // `UNPLUGS=1000 npx vitest run test/update.test.ts` tries more of them.
  it('ends as it should whenever cable or power fail, and never leaves a device that does not work', async () => {
    const runs = Number(process.env['UNPLUGS'] ?? 100);
    const moment: fc.Arbitrary<Cut> = fc.oneof(
      fc.record({ what: fc.constant('cable' as const), packet: fc.nat(60) }),
      fc.record({ what: fc.constant('power' as const), packet: fc.nat(60) }),
      fc.record({ what: fc.constant('flash' as const), bytes: fc.nat(160_000) }),
    );
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 2 }), async (moments) => {
        const bench = new FirmwareBench();
        bench.cut(moments);
        await update(bench);
        cuts += bench.cutsMade;
        expect(runningHash(bench)).toBe(toHex(image.digest));
        expect(bench.machine.slots.isConfirmed).toBe(true);
        expect(bench.machine.mode).toBe('firmware');
      }),
      { numRuns: runs },
    );
    expect(cuts).toBeGreaterThan(runs / 2);
  }, 600_000);
});
