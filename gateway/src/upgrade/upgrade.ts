/**
 * Changes the version of a gateway without anybody watching. The new one starts on trial: it reads, listens and stores
 * nothing. When it is well it is kept; when not, the version before comes back, with the database as it was where the new
 * one changed its tables. Nothing that was published or acknowledged is ever taken back: then the new version stays.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Config, loadConfig, siteFiles } from '../config/index.js';
import {
  type Journal,
  type Outcome,
  readJournal,
  readOutcome,
  removeJournal,
  writeDurably,
} from './journal.js';
import { inFolder } from './process/folder.js';
import type { Release, Releases } from './releases.js';
import { serviceControl } from './service.js';
import { askHealth, watchTrial } from './trial.js';
import { UpgradeError } from './upgrade-error.js';

export interface UpgradeOptions {
  readonly releases: Releases;
  readonly config: string;
  /** Program that starts and stops the gateway; systemd's unit unless given. */
  readonly service?: string | undefined;
  readonly patienceSeconds: number;
  readonly settleSeconds: number;
  /** Told of each step, in a line. */
  readonly say: (line: string) => void;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Versions of which the database before is kept. */
const KEPT_COPIES = 2;
const STARTS = 3;

/** @throws UpgradeError when it is refused; nothing was changed then */
export async function upgradeTo(dir: string, options: UpgradeOptions): Promise<Outcome> {
  const { releases, config, service, say } = options;
  if (existsSync(releases.journal)) {
    throw new UpgradeError(
      'an upgrade is under way, or was cut short. Wait for it, or end it: timeband-gateway upgrade --resume',
    );
  }
  const to = releases.read(resolve(dir));
  const from = releases.at('current');
  if (from?.dir === to.dir) throw new UpgradeError(`version ${to.version} is in use already`);
  tryOut(to);
  if (from === undefined || !existsSync(config)) {
    if (from !== undefined) releases.point('previous', from);
    releases.point('current', to);
    return end(
      options,
      { from: from?.version ?? 'none', to: to.version, outcome: 'not-tried' },
      'there is no site yet',
    );
  }
  const settings = loadConfig(config);
  const control = serviceControl(service);
  const wasRunning = control.isRunning();
  const health = wasRunning ? await askHealth(siteFiles(settings.dataDir).controlSocket) : undefined;
  const journal: Journal = {
    ...{ from: from.dir, to: to.dir, config, service, wasRunning, phase: 'copying' },
    ...{ patienceSeconds: options.patienceSeconds, settleSeconds: options.settleSeconds },
    followed: health?.followed ?? 0,
  };
  writeDurably(releases.journal, journal);
  say(`from ${from.version} to ${to.version}`);
  let prepared: Journal;
  try {
    if (!control.stop()) throw new UpgradeError('the gateway could not be stopped');
    prepared = { ...journal, phase: 'trying', copy: prepare(settings, journal, options) };
  } catch (error) {
    removeJournal(releases.journal);
    if (wasRunning) control.start();
    throw error;
  }
  return tryNew(prepared, options);
}

/** Ends an upgrade that was cut short. @returns nothing where there is none */
export async function resumeUpgrade(options: UpgradeOptions): Promise<Outcome | undefined> {
  const { releases } = options;
  const journal = readJournal(releases.journal);
  if (journal === undefined) return undefined;
  const { config, service, patienceSeconds, settleSeconds } = journal;
  const given = { ...options, config, service, patienceSeconds, settleSeconds };
  switch (journal.phase) {
    case 'copying':
      removeJournal(releases.journal);
      if (journal.wasRunning) serviceControl(journal.service).start();
      return end(
        given,
        { ...versions(journal, releases), outcome: 'gone-back' },
        'it was cut short before anything was changed',
      );
    case 'trying':
      return tryNew(journal, given);
    case 'going-back':
      return goBack(journal, given);
  }
}

/** Takes the last upgrade back by hand, by the same rules. @throws UpgradeError */
export async function takeBack(options: UpgradeOptions): Promise<Outcome> {
  const { releases, config } = options;
  if (existsSync(releases.journal))
    throw new UpgradeError('an upgrade is under way: timeband-gateway upgrade --resume');
  const current = releases.at('current');
  const previous = releases.at('previous');
  if (current === undefined || previous === undefined || current.dir === previous.dir) {
    throw new UpgradeError('there is no version to go back to');
  }
  const last = readOutcome(releases.lastOutcome);
  const control = serviceControl(options.service);
  const journal: Journal = {
    ...{ from: previous.dir, to: current.dir, config, service: options.service, phase: 'going-back' },
    ...{ patienceSeconds: options.patienceSeconds, settleSeconds: options.settleSeconds },
    ...{ wasRunning: control.isRunning(), followed: 0, because: 'it was taken back by hand' },
    copy: last?.from === previous.version && last.to === current.version ? last.copy : undefined,
  };
  writeDurably(releases.journal, journal);
  return goBack(journal, options);
}

/** @returns the copy, where one is needed to go back @throws UpgradeError */
function prepare(
  { dataDir }: Config,
  journal: Journal,
  { releases, say }: UpgradeOptions,
): string | undefined {
  const { to } = releasesOf(journal, releases);
  const { database, trialHold } = siteFiles(dataDir);
  const schema = inFolder(dataDir, { do: 'schema', database });
  let copy: string | undefined;
  if (typeof schema === 'number' && schema > to.schema) {
    throw new UpgradeError(
      `the database is of version ${schema}, and ${to.version} knows versions up to ${to.schema}: it cannot go on from here. timeband-gateway upgrade --back takes the last upgrade back, if nothing was published since.`,
    );
  }
  if (typeof schema === 'number' && schema < to.schema) {
    copy = join(dataDir, 'upgrade', `before-${to.version}.db`);
    say(`the new version changes the database: copying and verifying it`);
    inFolder(dataDir, { do: 'copy', database, copy });
  }
  inFolder(dataDir, { do: 'keep', ...settingsCopy(journal, dataDir) });
  inFolder(dataDir, { do: 'hold', file: trialHold });
  return copy;
}

async function tryNew(journal: Journal, options: UpgradeOptions): Promise<Outcome> {
  const { releases, say } = options;
  const { from, to } = releasesOf(journal, releases);
  const { controlSocket, trialHold } = siteFiles(loadConfig(journal.config).dataDir);
  writeDurably(releases.journal, journal);
  releases.point('previous', from);
  releases.point('current', to);
  if (!journal.wasRunning) {
    inFolder(loadConfig(journal.config).dataDir, { do: 'release', file: trialHold });
    return keep(journal, options, 'not-tried', 'the gateway was not running, so it was not started');
  }
  say(`starting ${to.version} on trial, for at most ${journal.patienceSeconds} s`);
  const control = serviceControl(journal.service);
  let problem: string | undefined = 'it did not start';
  for (let starts = 0; starts < STARTS && problem === 'it did not start'; starts++) {
    if (control.start()) {
      problem = await watchTrial({
        ...{ socket: controlSocket, version: to.version, followed: journal.followed },
        ...{ patienceMs: journal.patienceSeconds * 1_000, settleMs: journal.settleSeconds * 1_000 },
      });
    }
  }
  if (problem === undefined) {
    inFolder(loadConfig(journal.config).dataDir, { do: 'release', file: trialHold });
    return keep(journal, options, 'in-use', 'it is well');
  }
  const failed: Journal = { ...journal, phase: 'going-back', because: problem };
  writeDurably(releases.journal, failed);
  return goBack(failed, options);
}

function keep(journal: Journal, options: UpgradeOptions, outcome: Outcome['outcome'], says: string): Outcome {
  const { releases } = options;
  removeJournal(releases.journal);
  releases.prune();
  removeOldCopies(journal);
  return end(options, { ...versions(journal, releases), outcome, copy: journal.copy }, says);
}

async function goBack(journal: Journal, options: UpgradeOptions): Promise<Outcome> {
  const { releases, say } = options;
  const { from, to } = releasesOf(journal, releases);
  const because = journal.because ?? 'it failed';
  const control = serviceControl(journal.service);
  say(`${to.version}: ${because}. Going back to ${from.version}`);
  if (!control.stop()) say('the gateway does not stop; going on');
  const { dataDir } = loadConfig(journal.config);
  const { database, trialHold, controlSocket } = siteFiles(dataDir);
  inFolder(dataDir, { do: 'release', file: trialHold });
  const schema = inFolder(dataDir, { do: 'schema', database });
  const isNewer = typeof schema === 'number' && schema > from.schema;
  const replaced = join(dataDir, 'upgrade', `of-${to.version}.db`);
  const { copy } = journal;
  const obstacle = isNewer ? putBack(dataDir, { database, copy, replaced }) : undefined;
  if (obstacle === undefined) {
    inFolder(dataDir, { do: 'put-back', ...settingsCopy(journal, dataDir) });
    releases.point('current', from);
    releases.point('previous', to);
  }
  removeJournal(releases.journal);
  if (journal.wasRunning) control.start();
  if (obstacle !== undefined) {
    const outcome = { ...versions(journal, releases), outcome: 'stays', copy } as const;
    return end(options, outcome, `${because}. It stays: ${obstacle}`);
  }
  const watch = {
    socket: controlSocket,
    followed: 0,
    settleMs: 0,
    patienceMs: options.patienceSeconds * 1_000,
  };
  const isBack = !journal.wasRunning || (await watchTrial(watch)) === undefined;
  const after = isBack ? '' : `. ${from.version} does not answer either: look at its log`;
  return end(options, { ...versions(journal, releases), outcome: 'gone-back', copy }, because + after);
}

/** @returns why the database cannot be put back */
function putBack(
  dataDir: string,
  {
    copy,
    ...rest
  }: { readonly database: string; readonly copy: string | undefined; readonly replaced: string },
): string | undefined {
  if (copy === undefined) return 'there is no copy of the database from before';
  try {
    const isBack = inFolder(dataDir, { do: 'restore', copy, ...rest });
    return isBack === true
      ? undefined
      : 'something was published or acknowledged since, and going back would tell it a second time';
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    return `the database cannot be put back: ${error.message}`;
  }
}

/** A new version may bring the settings up to date as well. */
function settingsCopy(
  { config, to }: Pick<Journal, 'config' | 'to'>,
  dataDir: string,
): { file: string; copy: string } {
  return { file: config, copy: join(dataDir, 'upgrade', `before-${basename(to)}.yaml`) };
}

function end(
  { releases, now }: Pick<UpgradeOptions, 'releases' | 'now'>,
  outcome: Omit<Outcome, 'at' | 'says'>,
  says: string,
): Outcome {
  const whole = { ...outcome, at: Math.floor(now()), says };
  writeDurably(releases.lastOutcome, whole);
  return whole;
}

/** Runs the new program once, before anything is stopped for it: another machine's would not. */
function tryOut({ dir, version }: Release): void {
  try {
    execFileSync(join(dir, 'bin/timeband-gateway'), ['--version'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
  } catch (error) {
    throw new UpgradeError(`version ${version} does not run on this box: ${(error as Error).message}`);
  }
}

function releasesOf(
  { from, to }: Journal,
  releases: Releases,
): { readonly from: Release; readonly to: Release } {
  return { from: releases.read(from), to: releases.read(to) };
}

function versions(journal: Journal, releases: Releases): Pick<Outcome, 'from' | 'to'> {
  const { from, to } = releasesOf(journal, releases);
  return { from: from.version, to: to.version };
}

function removeOldCopies({ config, copy }: Journal): void {
  if (copy === undefined) return;
  const dir = join(loadConfig(config).dataDir, 'upgrade');
  const copies = readdirSync(dir)
    .filter((name) => /^before-.*\.db$/.test(name))
    .sort();
  for (const name of copies.slice(0, -KEPT_COPIES)) rmSync(join(dir, name), { force: true });
}
