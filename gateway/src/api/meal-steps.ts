/**
 * What staff do about meals: a crate of lunches ordered, packed, delivered or cancelled at once. The gateway logs each under its
 * own key, with the operator who was logged in. Who fetches a meal shows it with a band: that never comes in here.
 */
import {
  CborError,
  KIND,
  type Meal,
  MEAL_SLOT,
  type MealPhase,
  mealBody,
  randomBytes,
  RecordError,
} from '@timeband/protocol';
import { z } from 'zod';
import { type DaySheet, type Kitchen, type MealLine, type MealOutcome, whyNot } from '../kitchen/index.js';
import type { Ledger } from '../ledger/index.js';
import type { OwnLog } from '../own-log/index.js';
import { dateText, daysOf, shownDate } from './date.js';
import { ApiProblem } from './problem.js';

const id = z.string().regex(/^[a-z0-9-]{1,40}$/, 'an id of [a-z0-9-]');
export const slotName = z.enum(
  Object.keys(MEAL_SLOT) as [keyof typeof MEAL_SLOT, ...(keyof typeof MEAL_SLOT)[]],
);
const PHASES = ['ordered', 'packed', 'delivered', 'cancelled'] as const;
const MOST_ACCOUNTS = 500;

export const mealStep = z
  .strictObject({
    phase: z.enum(PHASES),
    date: dateText.optional().meta({ description: 'Of the meals: `2026-03-01`; today when left out.' }),
    slot: slotName.default('lunch'),
    accounts: z
      .array(id)
      .min(1)
      .max(MOST_ACCOUNTS)
      .optional()
      .meta({ description: 'Whose meals. To pack, all that are ordered when left out.' }),
    cost: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .meta({ description: 'Of one meal in fen; to order. What the rules of the site say when left out.' }),
    courier: id.optional().meta({ description: 'Account of who carries them; to deliver.' }),
  })
  .meta({ id: 'MealStep', description: 'What staff do about meals of one date and slot.' });

const accounts = z.array(z.string());
export const steppedMeals = z
  .object({
    date: z.string(),
    slot: slotName,
    phase: z.enum(PHASES),
    done: accounts,
    repeated: accounts.meta({ description: 'Whose meal was so before.' }),
    refused: z
      .array(z.object({ account: z.string(), why: z.string() }))
      .meta({ description: '`why`: a word of docs/kitchen.md.' }),
  })
  .meta({ id: 'SteppedMeals', description: 'What is done is durable.' });
export type SteppedMeals = z.output<typeof steppedMeals>;

export interface MealStepsOptions {
  readonly kitchen: Pick<Kitchen, 'day' | 'dateOf'>;
  readonly ledger: Pick<Ledger, 'policy'>;
  readonly ownLog: Pick<OwnLog, 'logEach'>;
  /** Unix seconds. */
  readonly now: () => number;
}

type Asked = z.output<typeof mealStep>;

/** Records of one commit. */
const AT_ONCE = 50;
/** Days from today: further off it is a slip of the pen. */
const FURTHEST = 62;

export class MealSteps {
  constructor(private readonly options: MealStepsOptions) {}

  /** @param by the operator. Resolves when it is durable; the same again changes nothing. @throws ApiProblem */
  async step(given: unknown, by: string): Promise<SteppedMeals> {
    const parsed = mealStep.safeParse(given);
    if (!parsed.success) throw new ApiProblem('api/parameters', z.prettifyError(parsed.error));
    if (!id.safeParse(by).success)
      throw new ApiProblem('api/role', `an operator’s name is of [a-z0-9-], and not "${by}"`);
    const asked = parsed.data;
    const { kitchen, now } = this.options;
    const today = kitchen.dateOf(now());
    const date = asked.date === undefined ? today : daysOf(asked.date);
    if (Math.abs(date - today) > FURTHEST)
      throw new ApiProblem('api/parameters', `${shownDate(date)} is more than ${FURTHEST} days away`);
    const cost = this.costOf(asked);
    if (asked.phase === 'delivered' && asked.courier === undefined)
      throw new ApiProblem('api/parameters', 'by whom? A delivery needs a courier');
    const whose = this.whose(asked, date);
    const outcomes = new Map<string, MealOutcome | 'repeated'>();
    for (let first = 0; first < whose.length; first += AT_ONCE)
      await this.log(asked, { date, cost, by }, whose.slice(first, first + AT_ONCE), outcomes);
    const all = [...outcomes];
    const that = (wanted: string): string[] =>
      all.flatMap(([account, outcome]) => (outcome === wanted ? [account] : []));
    return {
      ...{ date: shownDate(date), slot: asked.slot, phase: asked.phase },
      ...{ done: that('counts'), repeated: that('repeated') },
      refused: all.flatMap(([account, why]) =>
        why === 'counts' || why === 'repeated' ? [] : [{ account, why }],
      ),
    };
  }

  private costOf({ phase, cost = this.options.ledger.policy.rules.mealCost }: Asked): number | undefined {
    if (phase !== 'ordered') return undefined;
    if (cost > 0) return cost;
    throw new ApiProblem(
      'api/parameters',
      'at what cost? Neither the order nor the rules of the site say: name it in fen',
    );
  }

  private whose({ phase, accounts: named, slot }: Asked, date: number): string[] {
    if (named !== undefined) return [...new Set(named)];
    if (phase !== 'packed') throw new ApiProblem('api/parameters', 'whose meals? Name accounts');
    const { meals } = this.options.kitchen.day(date, slot);
    return meals.filter((meal) => meal.phase === 'ordered').map(({ account }) => account);
  }

  /** What they come to is looked at when it is their turn: nothing else that staff do comes between. */
  private async log(
    { phase, slot, courier }: Asked,
    { date, cost, by }: { readonly date: number; readonly cost: number | undefined; readonly by: string },
    whose: readonly string[],
    outcomes: Map<string, MealOutcome | 'repeated'>,
  ): Promise<void> {
    let toLog = 0;
    const logged = await this.logged(() => {
      const sheet = this.options.kitchen.day(date, slot);
      return whose.flatMap((account) => {
        const line = lineOf(sheet, account);
        const why = isRepeated(line, phase, courier) ? 'repeated' : whyNot(line, phase, courier);
        outcomes.set(account, why);
        if (why !== 'counts') return [];
        toLog++;
        const meal = phase === 'ordered' || line === undefined ? randomBytes(16) : line.meal;
        const ordered = phase === 'ordered' ? { account, cost } : {};
        const carried = phase === 'delivered' ? { courier } : {};
        const says: Meal = { meal, phase, date, slot, ...ordered, ...carried, assisted: by };
        return [mealBody(says)];
      });
    });
    if (toLog > 0 && logged === undefined)
      throw new ApiProblem(
        'api/closed',
        'this gateway logs nothing just now: timeband-gateway status says why; what is done is in the list',
      );
  }

  private async logged(bodies: Parameters<OwnLog['logEach']>[1]): Promise<unknown> {
    try {
      return await this.options.ownLog.logEach(KIND.meal, bodies);
    } catch (error) {
      if (error instanceof CborError || error instanceof RecordError)
        throw new ApiProblem('api/parameters', error.message, error.code);
      throw error;
    }
  }
}

function lineOf({ meals }: DaySheet, account: string): MealLine | undefined {
  return meals.find((line) => line.account === account);
}

/** Somebody asked again because no answer came. */
function isRepeated(line: MealLine | undefined, phase: MealPhase, courier: string | undefined): boolean {
  return line?.phase === phase && line.courier === (phase === 'delivered' ? courier : line.courier);
}
