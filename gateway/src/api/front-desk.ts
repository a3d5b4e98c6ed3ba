/**
 * Where every question and every action comes in, by whatever way: it looks whether the account may, has it done, and notes
 * it in the trail before anybody is answered. What reads about nobody, such as prices, is not noted.
 */
import { describeBehind } from '../monitor/index.js';
import type { BooksReport } from '../ops/index.js';
import { type Deed, shortly } from '../trail/index.js';
import type { Asker } from './asker.js';
import type { Desk } from './desk.js';
import type { MealSteps, SteppedMeals } from './meal-steps.js';
import type { MatterSteps, SteppedMatter } from './matter-steps.js';
import { narrowed, notOf, ownStep, refuseOtherRecords, refuseOthers } from './organisations.js';
import { ApiProblem } from './problem.js';
import { type Answer, type Question, STAFF } from './question.js';
import { QUESTIONS } from './questions/index.js';
import type { Submissions, Submitted } from './submit.js';

export interface FrontDeskOptions {
  readonly desk: Desk;
  readonly submissions: Pick<Submissions, 'submit'>;
  readonly steps: Pick<MatterSteps, 'step'>;
  readonly meals: Pick<MealSteps, 'step'>;
  /** How far what is derived from events is behind them. */
  readonly books: () => BooksReport;
  readonly note: (deed: Deed) => Promise<void>;
  /** Is told by which way, with what outcome and in how many milliseconds something was answered. */
  readonly answered?: (way: string, outcome: string, ms: number) => void;
}

export type Given = Readonly<Record<string, unknown>>;

const BY_NAME: ReadonlyMap<string, Question> = new Map(
  QUESTIONS.map((question) => [question.name, question]),
);

/** What changes something. */
const CHANGING: readonly string[] = ['submit', 'step', 'mealStep'];

export class FrontDesk {
  constructor(private readonly options: FrontDeskOptions) {}

  /** Refuses who may not, which is noted. @throws ApiProblem `api/not-found`, `api/role` */
  async admit(asker: Asker, action: string): Promise<void> {
    const roles = CHANGING.includes(action) ? STAFF : BY_NAME.get(action)?.roles;
    if (roles === undefined) throw new ApiProblem('api/not-found', 'there is no such action');
    if (asker.role === 'box' || roles.includes(asker.role)) return;
    const problem = new ApiProblem('api/role', `this is for role ${roles.join(', ')}, and not ${asker.role}`);
    await this.note(asker, action, {}, problem.code);
    throw problem;
  }

  /** @throws ApiProblem */
  ask(asker: Asker, action: string, given: Given): Promise<Answer> {
    return this.timed(asker, async () => {
      await this.admit(asker, action);
      const question = BY_NAME.get(action);
      if (question === undefined) throw new ApiProblem('api/not-found', 'there is no such question');
      if (question.needsNoBooks !== true) this.refuseWhileBehind();
      const { organisation } = asker;
      const ask = async (): Promise<Answer> => {
        const { desk } = this.options;
        if (organisation === undefined) return question.ask(desk, given);
        const answer = await question.ask(desk, narrowed(question, organisation, given));
        refuseOthers(question, organisation, answer);
        return answer;
      };
      return question.isPersonal ? this.noted(asker, action, given, ask) : ask();
    });
  }

  /** @throws ApiProblem */
  submit(asker: Asker, given: unknown): Promise<Submitted> {
    return this.changing(asker, 'submit', given, () => {
      if (asker.organisation !== undefined) refuseOtherRecords(asker.organisation, given);
      return this.options.submissions.submit(given);
    });
  }

  /** @param by whose step it is, where a user of the machine says so @throws ApiProblem */
  step(asker: Asker, given: unknown, by?: string): Promise<SteppedMatter> {
    const noted = by === undefined ? given : { by, step: given };
    return this.changing(asker, 'step', noted, () => {
      const { organisation } = asker;
      const step = organisation === undefined ? given : ownStep(this.options.desk, organisation, given);
      return this.options.steps.step(step, by ?? asker.account);
    });
  }

  /** @param by whose step it is, where a user of the machine says so @throws ApiProblem */
  mealStep(asker: Asker, given: unknown, by?: string): Promise<SteppedMeals> {
    const noted = by === undefined ? given : { by, step: given };
    return this.changing(asker, 'mealStep', noted, () => {
      if (asker.organisation !== undefined) throw notOf(asker.organisation); // the kitchen is the centre's
      return this.options.meals.step(given, by ?? asker.account);
    });
  }

  /** What a command of the box did itself. @throws ApiProblem */
  deed(asker: Asker, action: string, given: unknown, outcome: string): Promise<void> {
    return this.note(asker, action, given, outcome);
  }

  /** Whoever is cut off in the middle has left a word that it was begun. */
  private changing<T>(asker: Asker, action: string, given: unknown, work: () => Promise<T>): Promise<T> {
    return this.timed(asker, async () => {
      await this.admit(asker, action);
      this.refuseWhileBehind();
      await this.note(asker, action, given, 'begun');
      return this.noted(asker, action, given, work);
    });
  }

  /** Half of a ledger is no answer, and nothing is decided by it. @throws ApiProblem `api/behind` */
  private refuseWhileBehind(): void {
    const books = this.options.books();
    if (books.behind > 0)
      throw new ApiProblem('api/behind', `the ledger is ${describeBehind(books)}: ask again`);
  }

  private async noted<T>(asker: Asker, action: string, given: unknown, work: () => Promise<T>): Promise<T> {
    let answer: T;
    try {
      answer = await work();
    } catch (error) {
      await this.note(asker, action, given, codeOf(error));
      throw error;
    }
    await this.note(asker, action, given, 'done');
    return answer;
  }

  private async note(
    { account, role, organisation, way }: Asker,
    action: string,
    given: unknown,
    outcome: string,
  ): Promise<void> {
    try {
      await this.options.note({ account, role, organisation, way, action, given: shortly(given), outcome });
    } catch {
      throw new ApiProblem('api/closed', 'this has to be noted, and nothing can be stored just now');
    }
  }

  private async timed<T>({ way }: Asker, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    let outcome = 'done';
    try {
      return await work();
    } catch (error) {
      outcome = error instanceof ApiProblem ? error.code : 'api/failed';
      throw error;
    } finally {
      this.options.answered?.(way, outcome, performance.now() - started);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof ApiProblem ? (error.because ?? error.code) : 'api/failed';
}
