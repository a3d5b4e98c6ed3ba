/** Asks the running gateway one of the questions of its API, and says in words what is wrong with it. */
import type { AskAnswer, Problem, SteppedMatter, SteppedMeals, Submitted } from '../api/index.js';
import { askGateway } from './ask-gateway.js';
import { CommandFailure } from './command-failure.js';
import { boxUser } from './box-user.js';
import { EXIT } from './exit-codes.js';

/** A year of a busy account is walked in a fraction of it; the digest of a long journal takes a while. */
const PATIENCE_MS = 120_000;

type Given = Readonly<Record<string, string | number | undefined>>;

/** @throws CommandFailure, ConfigError, ControlError */
export async function askLedger<T>(config: string, name: string, given: Given = {}): Promise<T> {
  return answerOf(await ask(config, `/ask/${name}`, { ...given, by: boxUser() })) as T;
}

/** Brings what was approved to the running gateway. @throws as {@link askLedger} */
export async function bringRecord(config: string, record: string): Promise<Submitted> {
  return answerOf(await ask(config, '/submit', { record, by: boxUser() })) as Submitted;
}

/** Has the running gateway log what an operator did about a matter. @throws as {@link askLedger} */
export async function takeStep(config: string, step: unknown, by: string): Promise<SteppedMatter> {
  return answerOf(
    await ask(config, '/step', { step: JSON.stringify(step), by, user: boxUser() }),
  ) as SteppedMatter;
}

/** Has the running gateway log what an operator did about meals. @throws as {@link askLedger} */
export async function takeMealStep(config: string, step: unknown, by: string): Promise<SteppedMeals> {
  return answerOf(
    await ask(config, '/meal-step', { step: JSON.stringify(step), by, user: boxUser() }),
  ) as SteppedMeals;
}

function ask(config: string, path: string, given: Given): Promise<unknown> {
  const query = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  return askGateway(config, { path, query, timeoutMs: PATIENCE_MS });
}

function answerOf(answer: unknown): unknown {
  const said = answer as AskAnswer;
  if ('answer' in said) return said.answer;
  throw new CommandFailure(exitCode(said.problem), describe(said.problem));
}

function exitCode({ status }: Problem): CommandFailure['exitCode'] {
  if (status === 404) return EXIT.notFound;
  if (status === 400) return EXIT.usage;
  return status < 500 ? EXIT.refused : EXIT.failed;
}

function describe({ title, detail, because }: Problem): string {
  return `${title}: ${detail}${because === undefined ? '' : ` (${because})`}`;
}
