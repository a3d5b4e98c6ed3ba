/** The provider's band in a visit: it asks the other to meet, and at the end to attest (SPEC.md, Visit). */
import { TimebandError } from '../errors.js';
import { jointNonce } from './act.js';
import type { Attestation } from '../records/attest.js';
import { encodeStatement, type VisitStatement } from './statement.js';
import { isPressed, isTooLong, PEER_SECONDS, type Moment, type Step, type Visit } from './visit.js';

/** A statement with the provider's own word, before the recipient's is there. */
export type Stated = Pick<Attestation, 'statement' | 'provider'>;

export type ProviderState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'meeting';
      readonly recipient: string;
      readonly service: number;
      /** Its own half of the nonce. */
      readonly nonce: Uint8Array;
      readonly since: number;
    }
  /** `stated` was sent and may have been attested: it is what is sent again. */
  | { readonly state: 'visiting'; readonly visit: Visit; readonly stated?: Stated | undefined }
  | { readonly state: 'attesting'; readonly visit: Visit; readonly stated: Stated; readonly since: number };

export type ProviderInput =
  /** The wearer begins a visit; `nonce` is 16 fresh random bytes. */
  | ({ readonly input: 'begin'; readonly moment: Moment } & {
      readonly recipient: string;
      readonly service: number;
      readonly nonce: Uint8Array;
    })
  /** The recipient's half of the nonce came. */
  | { readonly input: 'met'; readonly moment: Moment; readonly nonce: Uint8Array }
  /** The wearer ends the visit. */
  | ({ readonly input: 'end'; readonly moment: Moment } & Pick<VisitStatement, 'rating' | 'confirmedBy'>)
  /** The recipient's word came. */
  | { readonly input: 'attested'; readonly answer: Uint8Array }
  /** The recipient's band refused. */
  | { readonly input: 'refused' }
  /** The link broke. */
  | { readonly input: 'lost' }
  | { readonly input: 'tick'; readonly at: number };

export type ProviderEffect =
  | { readonly effect: 'meet'; readonly nonce: Uint8Array; readonly service: number }
  | { readonly effect: 'attest'; readonly stated: Stated }
  /** Both words are there: the record is to be logged. */
  | { readonly effect: 'log'; readonly attestation: Attestation }
  /** Nothing was done: for the wearer's eyes. */
  | { readonly effect: 'decline'; readonly reason: 'notPressed' | 'busy' | 'noVisit' | 'badAnswer' }
  /** A visit or a meeting was given up. */
  | { readonly effect: 'giveUp' };

/** What the transitions need of the band. */
export interface ProviderBand {
  readonly id: string;
  /** The band's word on a statement. */
  readonly sign: (statement: Uint8Array) => Uint8Array;
  /** Checks the recipient's word under its certificate. @throws TimebandError */
  readonly verify: (answer: Uint8Array, statement: Uint8Array) => void;
}

type Outcome = Step<ProviderState, ProviderEffect>;

const IDLE: ProviderState = { state: 'idle' };

export function providerStep(state: ProviderState, input: ProviderInput, band: ProviderBand): Outcome {
  switch (input.input) {
    case 'begin':
      return begin(state, input);
    case 'met':
      return met(state, input);
    case 'end':
      return end(state, input, band);
    case 'attested':
      return attested(state, input.answer, band);
    case 'refused':
      if (state.state === 'meeting') return { state: IDLE, effect: { effect: 'giveUp' } };
      // What was refused was not attested: the next attempt states the visit anew.
      return { state: state.state === 'attesting' ? { state: 'visiting', visit: state.visit } : state };
    case 'lost':
      return lost(state);
    case 'tick':
      return tick(state, input.at);
  }
}

function begin(state: ProviderState, input: ProviderInput & { input: 'begin' }): Outcome {
  const { moment, recipient, service, nonce } = input;
  if (state.state !== 'idle') return { state, effect: { effect: 'decline', reason: 'busy' } };
  if (!isPressed(moment)) return { state, effect: { effect: 'decline', reason: 'notPressed' } };
  return {
    state: { state: 'meeting', recipient, service, nonce, since: moment.at },
    effect: { effect: 'meet', nonce, service },
  };
}

function met(state: ProviderState, { moment, nonce }: ProviderInput & { input: 'met' }): Outcome {
  if (state.state !== 'meeting') return { state };
  const { recipient: peer, service } = state;
  const joint = jointNonce(state.nonce, nonce);
  return {
    state: {
      state: 'visiting',
      visit: { nonce: joint, peer, service, startedAt: moment.at },
    },
  };
}

function end(
  state: ProviderState,
  { moment, rating, confirmedBy }: ProviderInput & { input: 'end' },
  band: ProviderBand,
): Outcome {
  if (state.state !== 'visiting') {
    return { state, effect: { effect: 'decline', reason: state.state === 'idle' ? 'noVisit' : 'busy' } };
  }
  const { visit } = state;
  if (isTooLong(visit, moment.at)) return { state: IDLE, effect: { effect: 'giveUp' } };
  if (!isPressed(moment, visit.startedAt)) {
    return { state, effect: { effect: 'decline', reason: 'notPressed' } };
  }
  const stated = state.stated ?? stateVisit(visit, moment, { rating, confirmedBy }, band);
  return {
    state: { state: 'attesting', visit, stated, since: moment.at },
    effect: { effect: 'attest', stated },
  };
}

function stateVisit(
  visit: Visit,
  { at }: Moment,
  said: Pick<VisitStatement, 'rating' | 'confirmedBy'>,
  band: ProviderBand,
): Stated {
  const seconds = at - visit.startedAt;
  const statement = encodeStatement({
    nonce: visit.nonce,
    provider: band.id,
    recipient: visit.peer,
    service: visit.service,
    seconds,
    minutes: Math.floor(seconds / 60),
    ...said,
  });
  return { statement, provider: band.sign(statement) };
}

function attested(state: ProviderState, recipient: Uint8Array, band: ProviderBand): Outcome {
  if (state.state !== 'attesting') return { state };
  const { visit, stated } = state;
  try {
    band.verify(recipient, stated.statement);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return {
      state: { state: 'visiting', visit, stated },
      effect: { effect: 'decline', reason: 'badAnswer' },
    };
  }
  return { state: IDLE, effect: { effect: 'log', attestation: { ...stated, recipient } } };
}

function lost(state: ProviderState): Outcome {
  if (state.state === 'meeting') return { state: IDLE, effect: { effect: 'giveUp' } };
  if (state.state !== 'attesting') return { state };
  return { state: { state: 'visiting', visit: state.visit, stated: state.stated } };
}

function tick(state: ProviderState, at: number): Outcome {
  if (state.state === 'idle') return { state };
  if (state.state !== 'visiting' && at - state.since > PEER_SECONDS) return lost(state);
  if (state.state === 'visiting' && isTooLong(state.visit, at)) {
    return { state: IDLE, effect: { effect: 'giveUp' } };
  }
  return { state };
}
