/** What boxes live through, by name: each is done to a gateway under load, which goes on afterwards. */
import { type CrashFigures, takeAccount } from '../crash.js';
import { Stage, type StageOptions } from '../stage.js';
import { clockFaults } from './clock.js';
import { diskFaults } from './disk.js';
import type { Fault } from './fault.js';
import { floodFaults } from './flood.js';
import { subscriberFaults } from './subscriber.js';
import { upgradeFaults } from './upgrade.js';
import { uplinkFaults } from './uplink.js';

export const FAULTS: Readonly<Record<string, Fault>> = {
  ...diskFaults,
  ...clockFaults,
  ...uplinkFaults,
  ...subscriberFaults,
  ...floodFaults,
  ...upgradeFaults,
};

export interface FaultOptions extends Omit<StageOptions, 'environment'> {
  readonly faults: readonly string[];
  readonly times: number;
  readonly isInterrupted: () => boolean;
  readonly say: (line: string) => void;
}

/** @throws RangeError for a name that is none */
export function chooseFaults(names: readonly string[]): readonly string[] {
  if (names.includes('none')) return [];
  if (names.includes('all')) return Object.keys(FAULTS);
  const wrong = names.filter((name) => !Object.hasOwn(FAULTS, name));
  if (wrong.length > 0) throw new RangeError(`no such fault: ${wrong.join(', ')}. --list prints them.`);
  return names;
}

/** All of them on one site, one after another; accounted for after each, and once more in the end. */
export async function faultSoak(options: FaultOptions, figures: CrashFigures): Promise<CrashFigures> {
  const faults = await possible(options);
  if (faults.length === 0) return figures;
  const stage = await Stage.open({
    ...options,
    seed: `${options.seed}-faults`,
    environment: environmentOf(faults),
  });
  const saidBefore = figures.problems.length;
  let name = '';
  try {
    for (let time = 1; time <= options.times; time++) {
      for (const [next, fault] of faults) {
        if (options.isInterrupted() || figures.problems.length > saidBefore) break;
        name = next;
        await oneFault(stage, next, fault, options, figures);
      }
    }
    name = 'in the end';
    await stage.settle();
    await takeAccount(stage, figures, true);
  } catch (error) {
    figures.problems.push(`${name}: ${(error as Error).message}`);
  }
  figures.records += stage.devices.logged;
  const keep = figures.problems.length > saidBefore;
  if (keep) figures.kept.push(stage.site.dir);
  await stage.close(keep);
  return figures;
}

/** Ends with the gateway running again, after one kill that lets its disk be looked at. */
async function oneFault(
  stage: Stage,
  name: string,
  fault: Fault,
  { say }: FaultOptions,
  figures: CrashFigures,
): Promise<void> {
  await stage.flows();
  const began = performance.now();
  const came = await fault.happen(stage);
  figures.faults[name] = (figures.faults[name] ?? 0) + 1;
  await stage.gateway.kill();
  const { events } = await takeAccount(stage, figures, false);
  say(
    `${name}: ${came}; ${events} events, ${figures.lost} lost, reconcile good ${figures.reconciled}/${figures.accounts} ` +
      `(${Math.round(performance.now() - began)} ms)`,
  );
  await stage.gateway.start();
}

async function possible({ faults, say, hasUplink }: FaultOptions): Promise<(readonly [string, Fault])[]> {
  const found: (readonly [string, Fault])[] = [];
  for (const name of faults) {
    const fault = FAULTS[name];
    if (fault === undefined) continue;
    const lacks =
      (await fault.lacks?.()) ?? (name.startsWith('uplink') && !hasUplink ? 'there is no city' : undefined);
    if (lacks === undefined) found.push([name, fault]);
    else say(`${name} is left out: ${lacks}`);
  }
  return found;
}

function environmentOf(faults: readonly (readonly [string, Fault])[]): StageOptions['environment'] {
  return async (site) => {
    let all: Readonly<Record<string, string>> = {};
    for (const [, { environment }] of faults) all = { ...all, ...(await environment?.(site)) };
    return all;
  };
}
