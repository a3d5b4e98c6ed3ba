/** The order of phases: which record may follow which about the same meal, redemption or matter (SPEC.md, Phases). */

/** For each phase, and for `start`, the phases that may come next. */
export type PhaseOrder<Phase extends string> = Readonly<Record<Phase | 'start', readonly Phase[]>>;

/** Whether `next` may follow `before`, which is absent at the start. */
export function mayFollow<Phase extends string>(
  order: PhaseOrder<Phase>,
  before: Phase | undefined,
  next: Phase,
): boolean {
  return order[before ?? 'start'].includes(next);
}
