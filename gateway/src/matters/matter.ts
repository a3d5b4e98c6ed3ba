/**
 * A matter, from what records say of it: in the order of their places whatever arrived first, so that the same records come
 * to the same. What nobody has settled when it is due goes to the next level by itself (SPEC.md, Request).
 */
import {
  mayFollow,
  REQUEST_LEVEL,
  REQUEST_ORDER,
  type Request,
  type RequestLevel,
  type RequestPhase,
  type Urgency,
} from '@timeband/protocol';

/** Whose word a step is. */
export interface Who {
  /** A band, a reader, or an operator; nothing where it is the gateway's own. */
  readonly id: string | undefined;
  /** Whose the band is. */
  readonly account: string | undefined;
}

export interface Step {
  /** Position of the event. */
  readonly event: number;
  /** Unix seconds. */
  readonly at: number;
  readonly who: Who;
  readonly evidence: number;
  readonly doubted: boolean;
  readonly says: Omit<Request, 'request' | 'assisted'>;
}

/** What became of a step: why it changed nothing, unless it `counts`. */
export type StepOutcome =
  | 'counts'
  /** Not in this order. */
  | 'order'
  /** Its proof does not hold. */
  | 'doubted'
  /** Whoever raised it cannot work on it: nobody could confirm it then. */
  | 'self'
  /** Confirmed by somebody who did not ask. */
  | 'asker'
  /** Confirmed by somebody who worked on it. */
  | 'worked'
  /** Confirmed with less proof than it was raised with. */
  | 'weaker';

export interface JudgedStep {
  readonly event: number;
  readonly at: number;
  readonly phase: RequestPhase;
  readonly by: string | undefined;
  readonly handler: string | undefined;
  readonly outcome: StepOutcome;
}

export interface Matter {
  readonly phase: RequestPhase;
  readonly category: number;
  readonly urgency: Urgency;
  readonly level: RequestLevel;
  readonly raised: number;
  readonly asker: Who;
  readonly handler: string | undefined;
  /** When it goes to the next level; nothing once it is resolved. */
  readonly due: number | undefined;
  readonly resolved: number | undefined;
  readonly confirmed: number | undefined;
  /** When it went to the next level by itself. */
  readonly escalated: readonly number[];
  /** How many of {@link escalated} the gateway has told of, or somebody has overtaken. */
  readonly told: number;
  /** Account. */
  readonly about: string | undefined;
  readonly steps: readonly JudgedStep[];
}

/** Seconds until a matter that nobody has settled goes to the next level. */
export type Within = (urgency: Urgency) => number;

const LEVELS = Object.keys(REQUEST_LEVEL) as RequestLevel[];
const higher = (a: RequestLevel, b: RequestLevel): RequestLevel =>
  REQUEST_LEVEL[a] >= REQUEST_LEVEL[b] ? a : b;

interface State {
  phase: RequestPhase;
  category: number;
  urgency: Urgency;
  level: RequestLevel;
  readonly raised: number;
  readonly asker: Who;
  readonly evidence: number;
  /** Accounts and operators that may not confirm it. */
  readonly workers: Set<string>;
  handler: string | undefined;
  due: number | undefined;
  resolved: number | undefined;
  confirmed: number | undefined;
  readonly escalated: number[];
  told: number;
  readonly about: string | undefined;
}

/**
 * @param steps in the order of their places
 * @param now trusted time, Unix seconds: up to here it goes to the next level by itself
 * @returns nothing as long as nobody has raised it
 */
export function matterOf(steps: readonly Step[], within: Within, now: number): Matter | undefined {
  let state: State | undefined;
  const judged: JudgedStep[] = [];
  for (const step of steps) {
    if (state !== undefined) pass(state, within, step.at);
    const outcome = judge(state, step);
    if (outcome === 'counts') state = take(state, step, within);
    const { event, at, says, who } = step;
    judged.push({ event, at, phase: says.phase, by: who.id, handler: says.handler, outcome });
  }
  if (state === undefined) return undefined;
  pass(state, within, now);
  const { phase, category, urgency, level, raised, asker, handler, due } = state;
  const { resolved, confirmed, escalated, told, about } = state;
  return {
    ...{ phase, category, urgency, level, raised, asker, handler, due },
    ...{ resolved, confirmed, escalated, told, about, steps: judged },
  };
}

/** Lets time go on. */
function pass(state: State, within: Within, until: number): void {
  while (state.due !== undefined && state.due <= until) {
    const next = LEVELS[LEVELS.indexOf(state.level) + 1];
    if (next === undefined) return;
    state.escalated.push(state.due);
    state.level = next;
    state.due += within(state.urgency);
  }
}

function judge(state: State | undefined, { says, who, doubted, evidence }: Step): StepOutcome {
  const { phase, handler } = says;
  // A call for help counts whatever it is proven with.
  if (doubted && phase !== 'open') return 'doubted';
  if (!mayFollow(REQUEST_ORDER, state?.phase, phase)) return 'order';
  if (state === undefined) return 'counts';
  if (isTelling(says.phase, who)) {
    const isTrue =
      state.due !== undefined && state.told < state.escalated.length && says.level === state.level;
    return isTrue ? 'counts' : 'order';
  }
  const { asker, workers } = state;
  if (handler !== undefined && phase !== 'confirm' && (handler === asker.id || handler === asker.account))
    return 'self';
  if (phase !== 'confirm') return 'counts';
  if (who.id === undefined) return 'asker';
  if (workers.has(who.id) || (who.account !== undefined && workers.has(who.account))) return 'worked';
  if (asker.id === undefined) return 'counts'; // the gateway raised it: any other pair of eyes will do
  const isAsker = who.id === asker.id || (who.account !== undefined && who.account === asker.account);
  if (!isAsker) return 'asker';
  return evidence < state.evidence ? 'weaker' : 'counts';
}

/** Nobody escalated it: the gateway tells that time did. */
function isTelling(phase: RequestPhase, who: Who): boolean {
  return phase === 'escalate' && who.id === undefined;
}

function take(state: State | undefined, step: Step, within: Within): State {
  const { at, who, evidence, doubted, says } = step;
  const { phase, category, urgency, level, handler, due } = says;
  if (state === undefined) {
    return {
      ...{ phase, category, urgency, level, handler: undefined, raised: at, due: at + within(urgency) },
      ...{ asker: who, evidence: doubted ? 0 : evidence, workers: new Set<string>(), escalated: [] },
      ...{ resolved: undefined, confirmed: undefined, told: 0, about: says.about },
    };
  }
  if (phase === 'escalate') state.told = state.escalated.length;
  if (isTelling(phase, who)) return state;
  state.phase = phase;
  switch (phase) {
    case 'ack':
    case 'assign':
    case 'escalate':
      Object.assign(state, { category, urgency, level: higher(state.level, level) });
      state.due = due ?? at + within(urgency);
      state.resolved = undefined;
      if (phase === 'assign') state.handler = handler;
      if (handler !== undefined) state.workers.add(handler);
      break;
    case 'resolve':
      state.due = undefined;
      state.resolved = at;
      state.handler = handler;
      if (handler !== undefined) state.workers.add(handler);
      if (state.asker.id === undefined && who.id !== undefined) state.workers.add(who.id);
      break;
    case 'confirm':
      state.confirmed = at;
      break;
    case 'open':
      break;
  }
  return state;
}
