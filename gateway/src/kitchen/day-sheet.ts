/**
 * The meals of a date and slot, from what records say of them: in the order of their places whatever arrived first, so that
 * the same records come to the same list (SPEC.md, Meal). Money in fen; no minute comes in here.
 */
import { type Meal, MEAL_ORDER, type MealPhase, mayFollow, toHex } from '@timeband/protocol';

export interface MealStep {
  /** Position of the event. */
  readonly event: number;
  /** Unix seconds. */
  readonly at: number;
  /** Operator, band or device whose word it is. */
  readonly by: string;
  /** Whose band the proof shows. */
  readonly taker: string | undefined;
  readonly evidence: number;
  readonly doubted: boolean;
  readonly says: Pick<Meal, 'meal' | 'phase' | 'account' | 'cost' | 'courier'>;
}

/** What became of a step: why it changed nothing, unless it `counts`. */
export type MealOutcome =
  | 'counts'
  /** Not in this order. */
  | 'order'
  /** There is an order for that account. */
  | 'again'
  /** Nothing was ordered. */
  | 'unordered'
  /** It was collected or delivered before. */
  | 'twice'
  /** With somebody else's band. */
  | 'other'
  /** With a band that is nobody's. */
  | 'unknown'
  /** Whoever carried it is whose meal it is. */
  | 'self'
  /** Its proof does not hold. */
  | 'doubted';

export interface JudgedMealStep extends Pick<MealStep, 'event' | 'at' | 'by' | 'taker'> {
  readonly phase: MealPhase;
  /** Whose meal it was about, as far as is known. */
  readonly account: string | undefined;
  readonly outcome: MealOutcome;
}

/** One meal as it stands. */
export interface MealLine {
  /** 16 bytes. */
  readonly meal: Uint8Array;
  readonly account: string;
  readonly phase: MealPhase;
  /** Fen. */
  readonly cost: number;
  /** When it was ordered, and when it came to where it is; Unix seconds. */
  readonly ordered: number;
  readonly since: number;
  /** Whose word that is. */
  readonly by: string;
  readonly courier: string | undefined;
  /** How a collection was proven. */
  readonly evidence: number | undefined;
}

export interface DaySheet {
  /** By account. One that was cancelled stays, unless another was ordered. */
  readonly meals: readonly MealLine[];
  /** What changed nothing, in the order of time. */
  readonly refused: readonly JudgedMealStep[];
}

/** @param steps of one date and slot, in the order of their places */
export function daySheet(steps: readonly MealStep[]): DaySheet {
  const byAccount = new Map<string, MealLine>();
  const accounts = new Map<string, string>();
  const refused: JudgedMealStep[] = [];
  for (const step of steps) {
    const { event, at, by, taker, evidence, says } = step;
    const id = toHex(says.meal);
    const named = accounts.get(id);
    const account = says.phase === 'ordered' ? says.account : (named ?? taker);
    const line = account === undefined ? undefined : byAccount.get(account);
    const isOf = line !== undefined && (named === undefined || toHex(line.meal) === id);
    const outcome = judge(step, isOf ? line : undefined, named);
    if (outcome !== 'counts' || account === undefined) {
      refused.push({ event, at, by, taker, phase: says.phase, account, outcome });
      continue;
    }
    if (says.phase === 'ordered') accounts.set(id, account);
    const isOrder = says.phase === 'ordered' || line === undefined;
    const { meal, cost, ordered } = isOrder ? { meal: says.meal, cost: says.cost ?? 0, ordered: at } : line;
    byAccount.set(account, {
      ...{ meal, account, phase: says.phase, cost, ordered, since: at, by, courier: says.courier },
      evidence: says.phase === 'collected' ? evidence : undefined,
    });
  }
  const meals = [...byAccount.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
  return { meals, refused };
}

function judge(
  { says, taker, doubted }: MealStep,
  line: MealLine | undefined,
  named: string | undefined,
): MealOutcome {
  const { phase, courier } = says;
  if (doubted) return 'doubted';
  if (phase === 'ordered' && named !== undefined) return 'order'; // this meal was ordered before
  if (phase === 'collected' && taker === undefined) return 'unknown';
  if (phase === 'collected' && named !== undefined && named !== taker) return 'other';
  return whyNot(line, phase, courier);
}

/** What would become of a step about the meal of an account, as it stands. */
export function whyNot(line: MealLine | undefined, phase: MealPhase, courier?: string): MealOutcome {
  if (phase === 'ordered') return line === undefined || line.phase === 'cancelled' ? 'counts' : 'again';
  if (line === undefined) return 'unordered';
  const isServed = line.phase === 'collected' || line.phase === 'delivered';
  if (isServed && (phase === 'collected' || phase === 'delivered')) return 'twice';
  if (!mayFollow(MEAL_ORDER, line.phase, phase)) return 'order';
  return phase === 'delivered' && courier === line.account ? 'self' : 'counts';
}
