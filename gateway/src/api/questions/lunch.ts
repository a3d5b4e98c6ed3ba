/** Questions about the kitchen: who gets which meal, what it comes to, who works there and who was not seen. */
import { toHex } from '@timeband/protocol';
import { z } from 'zod';
import { type Kitchen, type MealLine, sumOf } from '../../kitchen/index.js';
import { dateText, daysOf, monthText, shownDate } from '../date.js';
import type { Desk } from '../desk.js';
import { slotName } from '../meal-steps.js';
import { ApiProblem } from '../problem.js';
import { question, STAFF } from '../question.js';
import { seconds } from '../shapes.js';
import { matterId, phaseName } from './matters.js';

const text = z.string().nullable();
const fen = z.int().min(0).meta({ description: 'Fen; never minutes.' });
const mealPhase = z.enum(['ordered', 'packed', 'collected', 'delivered', 'cancelled']);
const sums = {
  meals: z.int().meta({ description: 'Not cancelled.' }),
  collected: z.int(),
  delivered: z.int(),
  waiting: z.int().meta({ description: 'Neither fetched nor brought.' }),
  cancelled: z.int(),
  fen: fen.meta({ description: 'Fen, of all that were not cancelled.' }),
};
const sumsOf = z.object(sums).meta({ id: 'MealSums' });

export const lunchOf = question({
  name: 'lunch',
  path: '/v1/lunch',
  says: 'The meals of a day: whose, how far they are, who has not been seen, and who is on shift.',
  roles: STAFF,
  isPersonal: true,
  asks: z.object({
    date: dateText.optional().meta({ description: 'Where the site is: `2026-03-01`; today when left out.' }),
    slot: slotName.default('lunch'),
  }),
  answers: z
    .object({
      date: z.string(),
      slot: slotName,
      sums: sumsOf,
      meals: z.array(
        z.object({
          account: z.string(),
          phase: mealPhase,
          since: seconds,
          cost: fen,
          by: z.string().meta({ description: 'Operator, band or device whose word it is.' }),
          courier: text,
          evidence: z.int().nullable().meta({ description: 'How a collection was proven: 0 to 2.' }),
          seen: seconds.nullable().meta({ description: 'Last today; only in the list of today.' }),
          lookIn: z
            .object({ matter: matterId, phase: phaseName, raised: seconds })
            .nullable()
            .meta({ description: 'The request to look in on who was not seen.' }),
        }),
      ),
      refused: z.array(
        z.object({
          event: z.int(),
          at: seconds,
          phase: mealPhase,
          account: text,
          by: z.string(),
          why: z.string().meta({ description: 'A word of docs/kitchen.md.' }),
        }),
      ),
      onShift: z
        .array(
          z.object({
            band: z.string(),
            account: text,
            service: z.int(),
            name: z.object({ zh: z.string(), en: z.string() }),
            since: seconds,
          }),
        )
        .meta({ description: 'In the list of today: checked in to a service of the kitchen, and not out.' }),
    })
    .meta({ id: 'LunchList' }),
  answer: ({ kitchen, ledger, now }, { date: given, slot }) => {
    const at = now();
    const today = kitchen.dateOf(at);
    const date = given === undefined ? today : daysOf(given);
    const { meals, refused } = kitchen.day(date, slot);
    return {
      ...{ date: shownDate(date), slot, sums: sumOf(meals) },
      meals: meals.map((meal) => ({
        ...tell(meal),
        seen: date === today ? (kitchen.lastSeen(meal.account, at) ?? null) : null,
        lookIn: lookIn(kitchen, date, meal.account, at),
      })),
      refused: refused.map(({ event, at: when, phase, account, by, outcome: why }) => ({
        ...{ event, at: when, phase, account: account ?? null, by, why },
      })),
      onShift: (date === today ? kitchen.helpers(at) : []).map(({ band, account, service, since }) => ({
        ...{ band, account: account ?? null, service, since },
        name: ledger.policy.catalogue.services.get(service)?.name ?? { zh: '', en: '' },
      })),
    };
  },
});

export const lunchMonth = question({
  name: 'lunchMonth',
  path: '/v1/lunch-month',
  says: 'The meals of a month in fen: of each account, and of each day.',
  roles: STAFF,
  isPersonal: true,
  asks: z.object({ month: monthText.optional(), slot: slotName.default('lunch') }),
  answers: z
    .object({
      month: z.string(),
      slot: slotName,
      accounts: z.array(z.object({ account: z.string(), ...sums })),
      days: z.array(z.object({ date: z.string(), ...sums })),
    })
    .meta({ id: 'LunchMonth' }),
  answer: async ({ kitchen, now }: Desk, { month: given, slot }) => {
    const month = given ?? shownDate(kitchen.dateOf(now())).slice(0, 7);
    const [from, to] = spanOf(month);
    const { accounts, days } = await kitchen.month(from, to, slot);
    return {
      ...{ month, slot },
      accounts: accounts.map((account) => ({ ...account })),
      days: days.map((day) => ({ ...day, date: shownDate(day.date) })),
    };
  },
});

function tell({ account, phase, since, cost, by, courier, evidence }: MealLine) {
  return { account, phase, since, cost, by, courier: courier ?? null, evidence: evidence ?? null };
}

function lookIn(kitchen: Pick<Kitchen, 'lookedIn'>, date: number, account: string, at: number) {
  const found = kitchen.lookedIn(date, account, at);
  return found === undefined
    ? null
    : { matter: toHex(found.request), phase: found.phase, raised: found.raised };
}

/** From and to, days since 1970-01-01. @throws ApiProblem */
function spanOf(month: string): [number, number] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  if (number < 1 || number > 12) throw new ApiProblem('api/parameters', `"${month}" is no month`);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return [daysOf(`${month}-01`), daysOf(`${next}-01`)];
}
