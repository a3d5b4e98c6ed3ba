/** The recipient's band in a visit: it answers, and vouches only for what it lived through itself (SPEC.md, Visit). */
import { equalBytes } from '../bytes.js';
import { TimebandError } from '../errors.js';
import { jointNonce } from './act.js';
import type { Attestation } from '../records/attest.js';
import { readStatement, type VisitStatement } from './statement.js';
import { agrees, isPressed, isTooLong, type Moment, type Step, type Visit } from './visit.js';

export type RecipientState =
  | { readonly state: 'idle' }
  | { readonly state: 'visiting'; readonly visit: Visit }
  /** Attested and logged; the same statement is answered with the same word, should that have been lost. */
  | { readonly state: 'attested'; readonly peer: string; readonly attestation: Attestation };

export type RecipientInput =
  /** `provider` is the certified id of the band that asks, `ownNonce` 16 fresh random bytes. */
  | {
      readonly input: 'meet';
      readonly moment: Moment;
      readonly provider: string;
      readonly service: number;
      readonly nonce: Uint8Array;
      readonly ownNonce: Uint8Array;
    }
  | {
      readonly input: 'attest';
      readonly moment: Moment;
      readonly provider: string;
      readonly statement: Uint8Array;
      readonly answer: Uint8Array;
    }
  | { readonly input: 'tick'; readonly at: number };

export type RecipientEffect =
  | { readonly effect: 'answerMeet'; readonly nonce: Uint8Array }
  /** `log` is to be logged before the answer leaves; absent in a repetition. */
  | {
      readonly effect: 'answerAttest';
      readonly answer: Uint8Array;
      readonly log?: Attestation | undefined;
    }
  | { readonly effect: 'refuse'; readonly reason: 'notPressed' | 'busy' | 'notTrusted' | 'disagrees' };

/** What the transitions need of the band. */
export interface RecipientBand {
  readonly id: string;
  /** The band's word on a statement. */
  readonly sign: (statement: Uint8Array) => Uint8Array;
  /** Checks the provider's word under its certificate. @throws TimebandError */
  readonly verify: (answer: Uint8Array, statement: Uint8Array) => void;
}

type Outcome = Step<RecipientState, RecipientEffect>;

export function recipientStep(state: RecipientState, input: RecipientInput, band: RecipientBand): Outcome {
  switch (input.input) {
    case 'meet':
      return meet(state, input);
    case 'attest':
      return attest(state, input, band);
    case 'tick':
      return isOver(state, input.at) ? { state: { state: 'idle' } } : { state };
  }
}

function meet(state: RecipientState, input: RecipientInput & { input: 'meet' }): Outcome {
  const { moment, provider, service, nonce, ownNonce } = input;
  // A provider's band that asks again has forgotten the visit: it begins anew.
  if (state.state === 'visiting' && state.visit.peer !== provider && !isOver(state, moment.at)) {
    return refusal(state, 'busy');
  }
  if (!isPressed(moment)) return refusal(state, 'notPressed');
  const joint = jointNonce(nonce, ownNonce);
  return {
    state: { state: 'visiting', visit: { nonce: joint, peer: provider, service, startedAt: moment.at } },
    effect: { effect: 'answerMeet', nonce: ownNonce },
  };
}

function attest(
  state: RecipientState,
  input: RecipientInput & { input: 'attest' },
  band: RecipientBand,
): Outcome {
  const { moment, provider, statement, answer } = input;
  if (state.state === 'attested') {
    const isSame = state.peer === provider && equalBytes(state.attestation.statement, statement);
    if (!isSame) return refusal(state, 'disagrees');
    return { state, effect: { effect: 'answerAttest', answer: state.attestation.recipient } };
  }
  if (state.state !== 'visiting') return refusal(state, 'disagrees');
  const { visit } = state;
  if (!isPressed(moment, visit.startedAt)) return refusal(state, 'notPressed');
  let stated: VisitStatement;
  try {
    stated = readStatement(statement);
    band.verify(answer, statement);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return refusal(state, 'notTrusted');
  }
  const isOurs =
    provider === visit.peer &&
    stated.provider === provider &&
    stated.recipient === band.id &&
    stated.service === visit.service &&
    equalBytes(stated.nonce, visit.nonce);
  if (!isOurs || !agrees(stated.seconds, moment.at - visit.startedAt)) return refusal(state, 'disagrees');
  const attestation = { statement, provider: answer, recipient: band.sign(statement) };
  return {
    state: { state: 'attested', peer: provider, attestation },
    effect: { effect: 'answerAttest', answer: attestation.recipient, log: attestation },
  };
}

function refusal(state: RecipientState, reason: (RecipientEffect & { effect: 'refuse' })['reason']): Outcome {
  return { state, effect: { effect: 'refuse', reason } };
}

function isOver(state: RecipientState, at: number): boolean {
  return state.state === 'visiting' && isTooLong(state.visit, at);
}
