/** How a gateway's life ends in a round: every time without warning, at a moment that nobody chose. */
import { watch } from 'node:fs';
import type { Random } from '@timeband/simulator';
import type { GatewayProgram } from './gateway-program.js';
import { pause, within } from './gateway-program.js';
import type { Listener } from './listener.js';
import type { CrashSite } from './site.js';

export interface EndContext {
  readonly site: CrashSite;
  readonly gateway: GatewayProgram;
  readonly random: Random;
  readonly display: Listener;
}

interface End {
  readonly says: string;
  /** Out of how many rounds. */
  readonly weight: number;
  /** The gateway was begun to be started; it is gone when this resolves. */
  readonly end: (context: EndContext) => Promise<void>;
  readonly needsImage?: true;
}

/** After it was ready. */
const WORKING_MS = { least: 200, most: 1_500 };
/** Longer than a start takes: some are killed before they are ready, and some just then. */
const MOST_EVENTS = 60;
const BUSY_WITHIN_MS = 10_000;
const STARTING_MS = 900;
const STOPPING_MS = 120;

export const ENDS = {
  working: {
    says: 'killed while it works',
    weight: 8,
    end: async ({ gateway, display, random }) => {
      await gateway.ready();
      await busy(display, 1 + random.below(MOST_EVENTS));
      await pause(random.below(WORKING_MS.most - WORKING_MS.least));
      await gateway.kill();
    },
  },
  young: {
    says: 'killed soon after it was ready',
    weight: 3,
    end: async ({ gateway, random }) => {
      await gateway.ready();
      await pause(moment(random));
      await gateway.kill();
    },
  },
  starting: {
    says: 'killed while it starts',
    weight: 3,
    end: async ({ gateway, random }) => {
      await pause(random.below(STARTING_MS));
      await gateway.kill();
    },
  },
  checkpoint: {
    says: 'killed while it moves its write-ahead log into the database',
    weight: 3,
    end: async ({ site, gateway, display, random }) => {
      await gateway.ready();
      await busy(display, 1);
      await firstWrite(site.files.database, moment(random) * 2);
      await gateway.kill();
    },
  },
  stopping: {
    says: 'killed while it ends in order',
    weight: 2,
    end: async ({ gateway, random }) => {
      await gateway.ready();
      await pause(moment(random));
      gateway.askToEnd();
      await pause(random.below(STOPPING_MS));
      await gateway.kill();
    },
  },
  power: {
    says: 'cut off from its power: what was not on the disk is gone',
    weight: 3,
    needsImage: true,
    end: async ({ site, gateway, display, random }) => {
      await gateway.ready();
      await busy(display, 1);
      await pause(random.below(WORKING_MS.most - WORKING_MS.least));
      await site.disk.cut();
      // It learns that its disk is gone, and must not have told anybody otherwise.
      await pause(random.below(50));
      await gateway.kill();
      await site.disk.remount();
    },
  },
} as const satisfies Record<string, End>;

export type EndName = keyof typeof ENDS;

/** One that this site's disk allows. */
export function chooseEnd({ site, random }: Pick<EndContext, 'site' | 'random'>): EndName {
  const ends = Object.entries<End>(ENDS).filter(
    ([, { needsImage }]) => needsImage !== true || site.disk.kind === 'image',
  );
  let left = random.below(ends.reduce((sum, [, { weight }]) => sum + weight, 0));
  const found = ends.find(([, { weight }]) => (left -= weight) < 0);
  return (found?.[0] ?? 'working') as EndName;
}

function moment(random: Random): number {
  return WORKING_MS.least + random.below(WORKING_MS.most - WORKING_MS.least);
}

/** So many events have just come through; on a machine with too much to do it is not waited for them for ever. */
async function busy(display: Listener, events: number): Promise<void> {
  await within(BUSY_WITHIN_MS, display.more(events), 'no events').catch(() => undefined);
}

/** In WAL mode only a checkpoint writes into the database itself. Resolves in the middle of one, or after a while. */
async function firstWrite(file: string, patienceMs: number): Promise<void> {
  const controller = new AbortController();
  const written = new Promise<void>((resolve) => {
    watch(file, { signal: controller.signal }, () => {
      resolve();
    });
  });
  await within(patienceMs, written, 'no checkpoint').catch(() => undefined);
  controller.abort();
}
