/** `bandctl conform` on a wristband: over the air, by noble as it ships, in virtual time. */
import { bleTarget, runConformance } from '@timeband/firmware-tools';
import { expect, it } from 'vitest';
import { DeskRoom, SITE } from './support/desk-room.js';

/** What could be different on the radio: all of it would take three times as long. */
const AREAS = ['framing', 'packets', 'errors', 'seal', 'ack', 'session', 'power-after-ack', 'power-boot'];

it('a simulated wristband passes over the air the checks that are not about framing', async () => {
  const room = new DeskRoom();
  const { key, inAir } = room.add({ slots: 48 });
  const radio = await room.radio([key]);
  const target = bleTarget(radio, key.device);
  const { results, ...report } = await room.during(
    runConformance(
      {
        ...{ name: target.name, open: () => target.open() },
        issuer: { key: room.issuerKey, name: SITE, site: SITE },
        cyclePower: () => {
          inAir.control.reboot();
          return Promise.resolve();
        },
      },
      {
        ...{ only: AREAS, isDestructive: true, timers: room.clock, timeoutMs: 3_000 },
        now: () => Math.floor(room.clock.now() / 1_000),
      },
    ),
    3_600,
  );
  await room.close();
  const failed = results.filter(({ verdict }) => verdict === 'failed');
  expect(failed.map(({ id, reason }) => `${id}: ${reason ?? ''}`)).toEqual([]);
  expect(report).toMatchObject({ conforms: true, role: 'band', isUntrusted: true });
  const leftOut = results.filter(({ verdict }) => verdict === 'skipped').map(({ id }) => id);
  expect(leftOut.filter((id) => !id.startsWith('framing-'))).toEqual(['packets-short']);
});
