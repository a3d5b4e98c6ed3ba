/** Looks at what the radio needs, in the words in which the running gateway would complain (docs/bluetooth.md). */
import { accessSync, constants, existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, type RadioConfig } from '../config/index.js';
import {
  ADAPTERS,
  adaptersUp,
  blockOf,
  isListed,
  loadDrivers,
  mayTakeAdapters,
  RadioFailure,
  type RadioFailureCode,
} from '@timeband/radio';
import { type RadioReport, readBandKeys } from '../radio/index.js';
import type { CheckLine } from './check-line.js';

/** What is asked of the machine; a test brings another. */
export interface RadioMachine {
  /** Where the kernel lists its adapters. */
  readonly adapters: string;
  readonly adaptersUp: () => Promise<readonly string[]>;
  readonly mayTakeAdapters: () => boolean;
  /** Whether this user may read and write a device file. */
  readonly mayUse: (path: string) => boolean;
}

export interface RadioSurroundings {
  readonly dataDir: string;
  /** What the gateway that is running says of its radio. */
  readonly running: Pick<RadioReport, 'state' | 'problem' | 'remedy'> | undefined;
  readonly machine?: RadioMachine;
}

const THIS_MACHINE: RadioMachine = { adapters: ADAPTERS, adaptersUp, mayTakeAdapters, mayUse };

/** Never throws for what it looks at: a problem is a line. */
export async function checkRadio(
  config: RadioConfig,
  { dataDir, running, machine = THIS_MACHINE }: RadioSurroundings,
): Promise<CheckLine[]> {
  const name = 'path' in config ? config.path : `hci${config.adapter}`;
  const what = `radio at ${name}`;
  const lines = [checkBands(config.bands, dataDir), checkService(config.service)];
  if (config.snoop !== undefined) lines.push(checkSnoop(resolve(dataDir, config.snoop)));
  if (running !== undefined) return [...lines, { what, ...wordsOf(running) }];
  try {
    loadDrivers();
    const found = 'path' in config ? checkSerial(name, machine) : await checkAdapter(name, machine);
    return [...lines, ...found.map((finding) => ({ what, ...finding }))];
  } catch (error) {
    if (!(error instanceof RadioFailure)) throw error;
    return [...lines, { what, ...bad(error.code, error.message) }];
  }
}

type Finding = Pick<CheckLine, 'verdict' | 'says'>;

function wordsOf({ state, problem = '', remedy = '' }: NonNullable<RadioSurroundings['running']>): Finding {
  if (state !== 'down') return { verdict: 'good', says: `${state}, says the gateway that is running` };
  return { verdict: 'bad', says: `${problem}. ${remedy}` };
}

function checkBands(bands: string | undefined, dataDir: string): CheckLine {
  const what = 'bands on the radio';
  if (bands === undefined)
    return {
      ...{ what, verdict: 'warning' },
      says: 'radio.bands is not set: no band is recognised, and all of them share two connections',
    };
  const file = resolve(dataDir, bands);
  if (!existsSync(file))
    return { what, verdict: 'bad', says: `${file} is missing. The technician who made the bands brings it.` };
  try {
    const { length } = readBandKeys(file);
    const none = 'none in the list: no band is recognised';
    return { what, verdict: length > 0 ? 'good' : 'warning', says: length > 0 ? `${length} of them` : none };
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof Error && 'syscall' in error)) throw error;
    return { what, verdict: 'bad', says: error.message };
  }
}

function checkService(service: number | undefined): CheckLine {
  const says =
    service === undefined
      ? 'radio.service is not set: pressing a band near the gateway checks nobody in or out'
      : `a press near the gateway checks in and out for service ${service} of the catalogue`;
  return { what: 'buttons of bands', verdict: 'good', says };
}

function checkSnoop(file: string): CheckLine {
  const what = 'snoop file';
  if (!existsSync(dirname(file)))
    return { what, verdict: 'bad', says: `there is no folder ${dirname(file)} to write it in` };
  return {
    ...{ what, verdict: 'warning' },
    says: `${file} takes all that passes on the radio, and up to 1 GB. Take radio.snoop out when you have seen enough.`,
  };
}

/** Names that say in which order things were plugged in, and not what they are. */
const PASSING_NAME = /^\/dev\/tty(?:ACM|USB)\d+$/;

function checkSerial(path: string, { mayUse }: RadioMachine): Finding[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    return [{ verdict: 'warning', says: 'not plugged in now; the gateway finds it when it is' }];
  if (!stat.isCharacterDevice()) return [bad('radio/not-found', 'it is no serial port')];
  const found: Finding[] = [];
  if (!mayUse(path)) found.push(bad('radio/permission', `it is for group ${groupOf(stat)}`));
  if (PASSING_NAME.test(path))
    found.push({
      verdict: 'warning',
      says: 'this name changes with the order of plugging in: take the one in /dev/serial/by-id',
    });
  return found.length > 0 ? found : [{ verdict: 'good', says: 'there, and this user may use it' }];
}

async function checkAdapter(name: string, machine: RadioMachine): Promise<Finding[]> {
  const { adapters } = machine;
  if (!isListed(name, adapters)) return [bad('radio/not-found', `the kernel has no adapter ${name}`)];
  const found: Finding[] = [];
  const block = blockOf(name, adapters);
  if (block !== undefined)
    found.push(bad('radio/off', `it is blocked by ${block === 'soft' ? 'a command' : 'a switch'}`));
  if ((await machine.adaptersUp()).includes(name))
    found.push(bad('radio/busy', 'it is up, so something uses it'));
  if (!machine.mayTakeAdapters())
    found.push({
      verdict: 'warning',
      says: 'this user has no CAP_NET_ADMIN here. The unit has to give it: AmbientCapabilities=CAP_NET_ADMIN.',
    });
  return found.length > 0 ? found : [{ verdict: 'good', says: 'there, and nobody uses it' }];
}

function bad(code: RadioFailureCode, problem: string): Finding {
  return { verdict: 'bad', says: `${problem}. ${new RadioFailure(code, problem).remedy}` };
}

function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The name of the group that owns a file, or its number where it has no name. */
function groupOf({ gid }: Stats): string {
  const groups = readFileSync('/etc/group', 'utf8').split('\n');
  const group = groups.map((line) => line.split(':')).find(([, , number]) => number === String(gid));
  return group?.[0] ?? String(gid);
}
