/** Mediate: a quarrel that mediators sat over. How many came and how it ended, never who or about what (SPEC.md, Mediate). */
import { ids, oneOf, reference, uint, unixSeconds } from './field-types.js';
import { bodyCodec, contradiction, demand, optional, required } from './layout.js';

/** How a session ended. */
export const MEDIATION_OUTCOME = { settled: 1, partly: 2, unsettled: 3, adjourned: 4, referred: 5 } as const;
export type MediationOutcome = keyof typeof MEDIATION_OUTCOME;

/** As many as fit a device's record beside the rest. */
export const MAX_MEDIATORS = 4;

export interface Mediation {
  /** Random, 16 bytes, the same for all sessions of one case. */
  readonly case: Uint8Array;
  /** The mediators' accounts, 1 to 4. */
  readonly mediators: readonly string[];
  /** How many parties came, at least 2. */
  readonly parties: number;
  /** Unix seconds. */
  readonly started: number;
  /** Unix seconds, not before `started`. */
  readonly ended: number;
  readonly outcome: MediationOutcome;
  /** When to look at it again, Unix seconds. Needed when it was adjourned. */
  readonly followUp?: number | undefined;
  /** The request that it came from. */
  readonly request?: Uint8Array | undefined;
}

export const { write: mediateBody, read: readMediate } = bodyCodec<Mediation>(
  'mediate',
  {
    case: required(1, reference),
    mediators: required(2, ids(MAX_MEDIATORS)),
    parties: required(3, uint(2, 255)),
    started: required(4, unixSeconds),
    ended: required(5, unixSeconds),
    outcome: required(6, oneOf(MEDIATION_OUTCOME)),
    followUp: optional(7, unixSeconds),
    request: optional(8, reference),
  },
  (mediation) => {
    if (mediation.ended < mediation.started) throw contradiction('mediate: it ends before it starts');
    if (mediation.outcome === 'adjourned') demand('mediate', mediation, ['followUp']);
  },
);
