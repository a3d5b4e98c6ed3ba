/** Meal: a lunch on its way from the order to the table, paid in money and never in minutes (SPEC.md, Meal). */
import type { Proof } from '../evidence/proof.js';
import { days, id, oneOf, proof, reference, uint } from './field-types.js';
import { bodyCodec, demand, optional, required } from './layout.js';
import type { PhaseOrder } from './phases.js';

export const MEAL_PHASE = { ordered: 1, packed: 2, collected: 3, delivered: 4, cancelled: 5 } as const;
export type MealPhase = keyof typeof MEAL_PHASE;

/** A meal reaches one table: nothing follows a collected, a delivered or a cancelled one. */
export const MEAL_ORDER: PhaseOrder<MealPhase> = {
  start: ['ordered'],
  ordered: ['packed', 'cancelled'],
  packed: ['collected', 'delivered', 'cancelled'],
  collected: [],
  delivered: [],
  cancelled: [],
};

export const MEAL_SLOT = { breakfast: 1, lunch: 2, dinner: 3 } as const;
export type MealSlot = keyof typeof MEAL_SLOT;

export interface Meal {
  /** Random, 16 bytes, the same through all phases of one meal: it can be collected once. A reader that collects may take one of its own. */
  readonly meal: Uint8Array;
  readonly phase: MealPhase;
  /** Days since 1970-01-01 in the site's time zone. */
  readonly date: number;
  readonly slot: MealSlot;
  /** Whose meal it is. Needed when it is ordered. */
  readonly account?: string | undefined;
  /** What it costs, in fen. Needed when it is ordered. */
  readonly cost?: number | undefined;
  /** Of who took it. Needed when it is collected. */
  readonly proof?: Proof | undefined;
  /** The volunteer who carried it. Needed when it is delivered. */
  readonly courier?: string | undefined;
  /** The operator who wrote it down; a collection is proven, and needs none. */
  readonly assisted?: string | undefined;
}

const NEEDED: Readonly<Record<MealPhase, readonly (keyof Meal)[]>> = {
  ordered: ['account', 'cost'],
  packed: [],
  collected: ['proof'],
  delivered: ['courier'],
  cancelled: [],
};

export const { write: mealBody, read: readMeal } = bodyCodec<Meal>(
  'meal',
  {
    meal: required(1, reference),
    phase: required(2, oneOf(MEAL_PHASE)),
    date: required(3, days),
    slot: required(4, oneOf(MEAL_SLOT)),
    account: optional(5, id),
    cost: optional(6, uint()),
    proof: optional(7, proof),
    courier: optional(8, id),
    assisted: optional(9, id),
  },
  (meal) => {
    demand('meal', meal, NEEDED[meal.phase]);
  },
);
