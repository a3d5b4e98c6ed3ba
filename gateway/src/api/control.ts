/** The same questions over the control socket, for the gateway's own commands. */
import type { ControlRoute } from '../ops/control.js';
import type { Desk } from './desk.js';
import type { MatterSteps } from './matter-steps.js';
import { ApiProblem } from './problem.js';
import { QUESTIONS } from './questions/index.js';
import type { Submissions } from './submit.js';

/** Answer to `/ask/{name}` to `/submit` and to `/step`. */
export type AskAnswer<T = unknown> =
  | { readonly answer: T }
  | { readonly problem: ReturnType<ApiProblem['toJSON']> & { readonly status: number } };

export function askRoutes(
  desk: Desk,
  submissions: Pick<Submissions, 'submit'>,
  steps: Pick<MatterSteps, 'step'>,
): Readonly<Record<string, ControlRoute>> {
  const questions = QUESTIONS.map((question): [string, ControlRoute] => [
    `/ask/${question.name}`,
    (query) => orProblem(question.ask(desk, Object.fromEntries(query))),
  ]);
  return {
    ...Object.fromEntries(questions),
    '/step': (query) => orProblem(steps.step(parsed(query.get('step') ?? ''), query.get('by') ?? '')),
    '/submit': (query) => orProblem(submissions.submit(parsed(query.get('record') ?? ''))),
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
