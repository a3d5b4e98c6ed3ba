/** Lunch in the demo, by the gateway's own commands: ordered and packed for three elders, fetched by two of them with their bands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJson } from '../programs/child.js';
import type { Devices } from './devices.js';
import { residentOf } from './site.js';

export interface LunchOptions {
  /** The gateway's program. */
  readonly gateway: string;
  readonly config: string;
  readonly dir: string;
  /** Where it is given out. */
  readonly counter: Devices;
  /** Numbers of bands at that reader; the last one is not fetched. */
  readonly bands: readonly number[];
}

const FEN = '800';
const BY = 'kitchen';

/** Rejects with what a command of the gateway said. */
export async function serveLunch({ gateway, config, dir, counter, bands }: LunchOptions): Promise<void> {
  const file = join(dir, 'lunch.csv');
  writeFileSync(file, ['account', ...bands.map(residentOf), ''].join('\n'));
  const lunch = (...args: string[]) =>
    runJson([gateway, 'lunch', ...args, '--by', BY, '--config', config, '--json']);
  await lunch('order', '--file', file, '--cost', FEN);
  await lunch('pack');
  for (const band of bands.slice(0, -1)) counter.child.tell(`collect ${band}`);
}
