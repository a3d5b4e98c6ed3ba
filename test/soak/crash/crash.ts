/** The crash soak: a site under full load whose gateway is killed round after round, and accounted for after each. */
import { chooseEnd, ENDS, type EndName } from './ends.js';
import { Stage, type StageOptions } from './stage.js';

export interface CrashOptions extends Omit<StageOptions, 'environment'> {
  readonly rounds: number;
  /** After so many a new site is made: each round reads its whole database. */
  readonly roundsPerSite: number;
  readonly isInterrupted: () => boolean;
  readonly say: (line: string) => void;
}

export interface CrashFigures {
  rounds: number;
  records: number;
  events: number;
  lost: number;
  twice: number;
  reconciled: number;
  /** How often `reconcile` was asked. */
  accounts: number;
  repeated: number;
  readonly ends: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly problems: string[];
  /** Folders that were kept, since something is wrong in them. */
  readonly kept: string[];
}

export function noFigures(): CrashFigures {
  return {
    ...{ rounds: 0, records: 0, events: 0, lost: 0, twice: 0, reconciled: 0, accounts: 0, repeated: 0 },
    ...{ ends: {}, faults: {}, problems: [], kept: [] },
  };
}

export async function crashSoak(options: CrashOptions, figures = noFigures()): Promise<CrashFigures> {
  for (let site = 1; figures.rounds < options.rounds && !isOver(options, figures); site++) {
    await liveOnOneSite({ ...options, seed: `${options.seed}-${site}` }, figures);
  }
  return figures;
}

function isOver({ isInterrupted }: CrashOptions, { problems }: CrashFigures): boolean {
  return isInterrupted() || problems.length > 0;
}

async function liveOnOneSite(options: CrashOptions, figures: CrashFigures): Promise<void> {
  const stage = await Stage.open({ ...options, isKilledAtBirth: true });
  const last = Math.min(options.rounds, figures.rounds + options.roundsPerSite);
  const saidBefore = figures.problems.length;
  try {
    await stage.flows();
    await stage.gateway.kill();
    while (figures.rounds < last && !isOver(options, figures)) await round(stage, options, figures);
    if (figures.problems.length === 0) await lastRound(stage, options, figures);
  } catch (error) {
    figures.problems.push((error as Error).message);
  }
  figures.records += stage.devices.logged;
  const keep = figures.problems.length > saidBefore;
  if (keep) figures.kept.push(stage.site.dir);
  await stage.close(keep);
}

async function round(stage: Stage, { rounds, say }: CrashOptions, figures: CrashFigures): Promise<void> {
  const name: EndName = chooseEnd(stage);
  const began = performance.now();
  stage.gateway.begin();
  await ENDS[name].end(stage);
  figures.rounds++;
  figures.ends[name] = (figures.ends[name] ?? 0) + 1;
  const { events } = await takeAccount(stage, figures, false);
  const { lost, twice, reconciled, accounts } = figures;
  say(
    `round ${figures.rounds}/${rounds}: ${ENDS[name].says}; ${stage.devices.logged} records logged, ${events} events, ` +
      `${lost} lost, ${twice} twice, reconcile good ${reconciled}/${accounts} (${Math.round(performance.now() - began)} ms)`,
  );
}

/** Everybody comes to rest: all that was ever logged has to be everywhere, once. */
async function lastRound(stage: Stage, { say }: CrashOptions, figures: CrashFigures): Promise<void> {
  await stage.gateway.start();
  await stage.settle();
  const { events } = await takeAccount(stage, figures, true);
  figures.events += events;
  const everywhere = stage.listeners.map(({ name }) => name).join(', ');
  say(
    `in the end ${stage.devices.logged} records, ${events} events with the gateway's own, all of them at ${everywhere}`,
  );
}

export async function takeAccount(stage: Stage, figures: CrashFigures, isOver: boolean) {
  const account = await stage.account(isOver);
  figures.accounts++;
  if (account.reconciled) figures.reconciled++;
  figures.lost += account.lost;
  if (isOver) {
    for (const listener of stage.listeners) {
      figures.twice += listener.twice;
      figures.repeated += listener.repeated;
    }
  }
  const heard = stage.listeners.flatMap(({ problems }) => problems);
  figures.problems.push(...account.problems, ...heard);
  return account;
}
