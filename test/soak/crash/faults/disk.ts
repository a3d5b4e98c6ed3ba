/** A disk that is full, that can only be read, or that is gone. */
import { bestDisk } from '../disk.js';
import { pause } from '../gateway-program.js';
import type { Stage } from '../stage.js';
import type { Fault } from './fault.js';

/** Longer than the first attempt at a disk that failed. */
const TROUBLE_MS = 1_500;

const needs = (kinds: readonly string[], what: string) => (): Promise<string | undefined> =>
  Promise.resolve(kinds.includes(bestDisk()) ? undefined : what);

export const diskFaults: Readonly<Record<string, Fault>> = {
  'disk-full': {
    says: 'the disk fills up, then there is room again',
    lacks: needs(['image', 'memory'], 'only root may mount a small disk to fill'),
    happen: async (stage) => {
      stage.site.disk.fill();
      const refused = await refusesToStore(stage);
      stage.site.disk.makeRoom();
      await recovers(stage);
      return refused;
    },
  },
  'disk-full-start': {
    says: 'the gateway is killed and started while the disk is full',
    lacks: needs(['image', 'memory'], 'only root may mount a small disk to fill'),
    happen: async (stage) => {
      stage.site.disk.fill();
      await refusesToStore(stage);
      await stage.gateway.kill();
      await stage.gateway.start();
      const refused = await refusesToStore(stage);
      stage.site.disk.makeRoom();
      await recovers(stage);
      return refused;
    },
  },
  'disk-readonly': {
    says: 'the disk can only be read from now on, as a worn SD card; it is replaced',
    lacks: needs(['image'], 'only root may mount a disk image that fails'),
    happen: async (stage) => {
      await stage.site.disk.cut();
      const refused = await refusesToStore(stage);
      await stage.gateway.kill();
      await stage.site.disk.remount();
      await stage.gateway.start();
      await recovers(stage);
      return refused;
    },
  },
  'disk-readonly-start': {
    says: 'the gateway is started on a disk that can only be read',
    lacks: needs(['image', 'memory'], 'only root may mount a disk that can only be read'),
    happen: async ({ site, gateway, display }) => {
      await gateway.kill();
      await site.disk.setReadonly(true);
      gateway.begin();
      const code = await gateway.ends();
      if (code !== 4 && code !== 5)
        throw new Error(`the gateway ended with ${String(code)} on a read-only disk`);
      await site.disk.setReadonly(false);
      await gateway.start();
      await display.more(1);
      return `it says so and ends with ${code}`;
    },
  },
};

/** Commits fail: it lives, says that it is not ready and why, and acknowledges nothing. */
async function refusesToStore({ gateway, display, devices }: Stage): Promise<string> {
  const { bad } = await gateway.untilReadiness(({ ready }) => !ready, 'not ready with a disk that fails');
  const { events } = (await gateway.status()).stored;
  const acked = devices.acked;
  await pause(TROUBLE_MS);
  const later = (await gateway.status()).stored.events;
  if (later > events) throw new Error(`${later - events} events were stored on a disk that takes none`);
  // What had been stored just before may still be on its way to its device.
  const grown = devices.acked - acked;
  if (display.newest > later) throw new Error('the display was sent an event that is not stored');
  return `not ready (${bad.join('; ')}); ${grown} acknowledgements under way`;
}

async function recovers(stage: Stage): Promise<void> {
  await stage.gateway.untilReadiness(({ ready }) => ready, 'ready again', 40_000);
  await stage.flows();
}
