/** The same questions over the control socket, for the gateway's own commands. */
import type { ControlRoute } from '../ops/control.js';
import { boxAsker } from './asker.js';
import type { FrontDesk } from './front-desk.js';
import { ApiProblem } from './problem.js';
import { QUESTIONS } from './questions/index.js';

/** Answer to `/ask/{name}` to `/submit` and to `/step`. */
export type AskAnswer<T = unknown> =
  | { readonly answer: T }
  | { readonly problem: ReturnType<ApiProblem['toJSON']> & { readonly status: number } };

export function askRoutes(front: FrontDesk): Readonly<Record<string, ControlRoute>> {
  const questions = QUESTIONS.map(({ name }): [string, ControlRoute] => [
    `/ask/${name}`,
    (query) => {
      const { by = null, ...given } = Object.fromEntries(query);
      return orProblem(front.ask(boxAsker(by), name, given));
    },
  ]);
  return {
    ...Object.fromEntries(questions),
    '/step': (query) => {
      const by = query.get('by') ?? '';
      return orProblem(front.step(boxAsker(query.get('user') ?? by), parsed(query.get('step') ?? ''), by));
    },
    '/meal-step': (query) => {
      const by = query.get('by') ?? '';
      return orProblem(
        front.mealStep(boxAsker(query.get('user') ?? by), parsed(query.get('step') ?? ''), by),
      );
    },
    '/submit': (query) =>
      orProblem(front.submit(boxAsker(query.get('by')), parsed(query.get('record') ?? ''))),
    '/note': (query) => {
      const [action = '', outcome = ''] = [query.get('action'), query.get('outcome')].map((one) => one ?? '');
      const given = parsed(query.get('given') ?? '');
      return orProblem(front.deed(boxAsker(query.get('by')), action, given, outcome).then(() => ({})));
    },
  };
}

async function orProblem(work: Promise<unknown>): Promise<AskAnswer> {
  try {
    return { answer: await work };
  } catch (error) {
    if (error instanceof ApiProblem) return { problem: error.toJSON() };
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
