/** Two bands that visit, each with its own clock, talking through the commands' codecs. */
import { describe, expect, it } from 'vitest';
import { decodeLenient, encode, type CborMap } from '../cbor/index.js';
import { decodeCose } from '../cose/index.js';
import type { Attestation } from '../records/attest.js';
import { COMMAND, type Command } from '../smp/index.js';
import { codeOf, keyOf, seedOf } from '../test-support/index.js';
import { signStatement, verifyAttestation, verifyStatement } from './attestation.js';
import { readStatement } from './statement.js';
import {
  providerStep,
  type ProviderEffect,
  type ProviderInput,
  type ProviderState,
} from './visit-provider.js';
import {
  recipientStep,
  type RecipientEffect,
  type RecipientInput,
  type RecipientState,
} from './visit-recipient.js';
import { agrees, type Moment } from './visit.js';

const SITE = 'dahaiyang';
const keys = { 'band-p': keyOf('band-p'), 'band-r': keyOf('band-r'), 'band-x': keyOf('band-x') };
type BandName = keyof typeof keys;

const half = (name: string) => seedOf(name).subarray(0, 16);
const wire = (body: CborMap): CborMap => decodeLenient(encode(body)) as CborMap;
const asked = <Request, Answer>(command: Command<Request, Answer>, request: Request): Request =>
  command.decodeRequest(wire(command.encodeRequest(request)));
const given = <Request, Answer>(command: Command<Request, Answer>, answer: Answer): Answer =>
  command.decodeAnswer(wire(command.encodeAnswer(answer)));

const bandOf = (id: BandName, peer: BandName) => ({
  id,
  sign: (statement: Uint8Array) => signStatement(keys[id], SITE, statement),
  verify: (answer: Uint8Array, statement: Uint8Array) => {
    verifyStatement(decodeCose(answer), keys[peer].publicKey, SITE, statement);
  },
});

class Provider {
  state: ProviderState = { state: 'idle' };
  readonly logged: Attestation[] = [];

  constructor(readonly band = bandOf('band-p', 'band-r')) {}

  take(input: ProviderInput): ProviderEffect | undefined {
    const { state, effect } = providerStep(this.state, input, this.band);
    this.state = state;
    if (effect?.effect === 'log') this.logged.push(effect.attestation);
    return effect;
  }
}

class Recipient {
  state: RecipientState = { state: 'idle' };
  readonly logged: Attestation[] = [];

  constructor(readonly band = bandOf('band-r', 'band-p')) {}

  take(input: RecipientInput): RecipientEffect | undefined {
    const { state, effect } = recipientStep(this.state, input, this.band);
    this.state = state;
    if (effect?.effect === 'answerAttest' && effect.log !== undefined) this.logged.push(effect.log);
    return effect;
  }

  meet(request: { nonce: Uint8Array; service: number }, moment: Moment, provider = 'band-p') {
    return this.take({ input: 'meet', moment, provider, ...request, ownNonce: half('recipient') });
  }
}

/** Pressed this many seconds ago. */
const pressed = (at: number, ago = 1): Moment => ({ at, pressedAt: at - ago });

/** The bands' clocks began at different times. */
const P0 = 1_000;
const R0 = 50_000;

function meet(): { p: Provider; r: Recipient } {
  const p = new Provider();
  const r = new Recipient();
  const moment = pressed(P0);
  const sent = p.take({
    ...{ input: 'begin', moment, recipient: 'band-r', service: 401, nonce: half('provider') },
  });
  if (sent?.effect !== 'meet') throw new Error('the provider does not ask');
  const reply = r.meet(asked(COMMAND.meet, sent), pressed(R0));
  if (reply?.effect !== 'answerMeet') throw new Error('the recipient does not answer');
  p.take({ input: 'met', moment, nonce: given(COMMAND.meet, reply.nonce) });
  return { p, r };
}

/** The wearers press again after `lasted` seconds; the recipient's band has counted `own`. */
function part({ p, r }: ReturnType<typeof meet>, lasted: number, own = lasted): RecipientEffect | undefined {
  const moment = pressed(P0 + lasted);
  const sent = p.take({ input: 'end', moment, rating: 5, confirmedBy: 'recipient' });
  if (sent?.effect !== 'attest') throw new Error('the provider does not attest');
  const { statement, answer } = asked(COMMAND.attest, {
    statement: sent.stated.statement,
    answer: sent.stated.provider,
  });
  return r.take({ input: 'attest', moment: pressed(R0 + own), provider: 'band-p', statement, answer });
}

function deliver(p: Provider, effect: RecipientEffect | undefined): ProviderEffect | undefined {
  if (effect?.effect !== 'answerAttest') throw new Error(`no answer but ${String(effect?.effect)}`);
  return p.take({ input: 'attested', answer: given(COMMAND.attest, effect.answer) });
}

const bandKey = (kid: Uint8Array) => {
  for (const [band, { publicKey }] of Object.entries(keys)) {
    const message = decodeCose(signStatement(keys[band as BandName], SITE, new Uint8Array()));
    if (message.kid.every((byte, i) => byte === kid[i])) return { band, key: publicKey };
  }
  return undefined;
};

describe('a visit of two bands', () => {
  it('ends with the same attestation in both logs, which a gateway verifies', () => {
    const { p, r } = meet();
    deliver(p, part({ p, r }, 3_000, 3_020));
    expect(p.logged).toEqual(r.logged);
    expect(p.state).toEqual({ state: 'idle' });
    const [attestation] = p.logged;
    if (attestation === undefined) throw new Error('nothing was logged');
    expect(verifyAttestation(attestation, SITE, bandKey)).toMatchObject({
      ...{ provider: 'band-p', recipient: 'band-r', service: 401, seconds: 3_000, minutes: 50 },
      ...{ rating: 5, confirmedBy: 'recipient' },
    });
  });

  it('is stated by what the provider’s band counted, whatever its clock shows', () => {
    const { p } = meet();
    const sent = p.take({ input: 'end', moment: pressed(P0 + 600), confirmedBy: 'carer' });
    if (sent?.effect !== 'attest') throw new Error('the provider does not attest');
    expect(readStatement(sent.stated.statement)).toMatchObject({ seconds: 600, minutes: 10 });
  });

  it('is not stretched: the recipient’s band refuses a duration that it did not live through', () => {
    for (const [lasted, own] of [
      [3_000, 2_930],
      [3_000, 3_070],
      [20_000, 19_590],
    ] as const) {
      const { p, r } = meet();
      expect(part({ p, r }, lasted, own)).toEqual({ effect: 'refuse', reason: 'disagrees' });
      expect(r.logged).toEqual([]);
    }
    expect([agrees(3_000, 2_940), agrees(20_000, 20_400), agrees(61, 0)]).toEqual([true, true, false]);
  });

  it('cannot begin or end without a press at both bands', () => {
    const p = new Provider();
    const begin = (moment: Moment) =>
      p.take({ input: 'begin', moment, recipient: 'band-r', service: 1, nonce: half('p') });
    expect(begin({ at: 100 })).toEqual({ effect: 'decline', reason: 'notPressed' });
    expect(begin(pressed(100, 11))).toEqual({ effect: 'decline', reason: 'notPressed' });
    const r = new Recipient();
    const request = { nonce: half('p'), service: 1 };
    expect(r.meet(request, pressed(R0, 11))).toEqual({ effect: 'refuse', reason: 'notPressed' });

    const both = meet();
    expect(
      both.p.take({ input: 'end', moment: { at: P0 + 5, pressedAt: P0 - 1 }, confirmedBy: 'staff' }),
    ).toEqual({ effect: 'decline', reason: 'notPressed' });
    const stale = { at: R0 + 600, pressedAt: R0 - 1 };
    const sent = both.p.take({ input: 'end', moment: pressed(P0 + 600), confirmedBy: 'staff' });
    if (sent?.effect !== 'attest') throw new Error('the provider does not attest');
    const { statement, provider: answer } = sent.stated;
    expect(both.r.take({ input: 'attest', moment: stale, provider: 'band-p', statement, answer })).toEqual({
      effect: 'refuse',
      reason: 'notPressed',
    });
  });

  it('is not attested for another band, nor with a word that does not hold', () => {
    const { p, r } = meet();
    const sent = p.take({ input: 'end', moment: pressed(P0 + 600), confirmedBy: 'staff' });
    if (sent?.effect !== 'attest') throw new Error('the provider does not attest');
    const { statement, provider: answer } = sent.stated;
    const moment = pressed(R0 + 600);
    const ask = (provider: string, said: Uint8Array, word: Uint8Array) =>
      r.take({ input: 'attest', moment, provider, statement: said, answer: word });
    const forged = signStatement(keys['band-x'], SITE, statement);
    expect(ask('band-p', statement, forged)).toEqual({ effect: 'refuse', reason: 'notTrusted' });
    expect(ask('band-p', new Uint8Array(4), answer)).toEqual({ effect: 'refuse', reason: 'notTrusted' });
    expect(ask('band-x', statement, answer)).toEqual({ effect: 'refuse', reason: 'disagrees' });
    const elsewhere = new Recipient();
    expect(elsewhere.take({ input: 'attest', moment, provider: 'band-p', statement, answer })).toEqual({
      effect: 'refuse',
      reason: 'disagrees',
    });
  });

  it('whose last answer is lost is stated again in the same words, and logged once at each band', () => {
    const { p, r } = meet();
    const lost = part({ p, r }, 600);
    expect(lost?.effect).toBe('answerAttest');
    p.take({ input: 'tick', at: P0 + 606 });
    expect(p.state.state).toBe('visiting');
    deliver(p, part({ p, r }, 640));
    expect(r.logged).toHaveLength(1);
    expect(p.logged).toEqual(r.logged);
  });

  it('has one statement only: another over the same nonce is refused', () => {
    const { p, r } = meet();
    part({ p, r }, 600);
    p.take({ input: 'refused' });
    expect(part({ p, r }, 660)).toEqual({ effect: 'refuse', reason: 'disagrees' });
  });

  it('is stated anew after a refusal', () => {
    const { p, r } = meet();
    part({ p, r }, 600, 700);
    p.take({ input: 'refused' });
    deliver(p, part({ p, r }, 710));
    expect(p.logged).toHaveLength(1);
  });

  it('whose recipient’s word does not hold is not logged by the provider', () => {
    const { p } = meet();
    p.take({ input: 'end', moment: pressed(P0 + 600), confirmedBy: 'staff' });
    const effect = p.take({ input: 'attested', answer: new Uint8Array(70) });
    expect(effect).toEqual({ effect: 'decline', reason: 'badAnswer' });
    expect(p.logged).toEqual([]);
  });

  it('keeps other bands waiting, until it is over or its own provider begins anew', () => {
    const { p, r } = meet();
    const request = { nonce: half('x'), service: 1 };
    expect(r.meet(request, pressed(R0 + 60), 'band-x')).toEqual({ effect: 'refuse', reason: 'busy' });
    expect(r.meet(request, pressed(R0 + 60), 'band-p')?.effect).toBe('answerMeet');
    const begin = { moment: pressed(P0 + 60), recipient: 'band-x', service: 1, nonce: half('p') };
    expect(p.take({ input: 'begin', ...begin })).toEqual({ effect: 'decline', reason: 'busy' });
    const day = 13 * 3_600;
    expect(r.meet(request, pressed(R0 + 60 + day), 'band-x')?.effect).toBe('answerMeet');
  });

  it('left open for over 12 hours is given up by both', () => {
    const { p, r } = meet();
    const tooLong = 12 * 3_600 + 1;
    expect(p.take({ input: 'end', moment: pressed(P0 + tooLong), confirmedBy: 'staff' })).toEqual({
      effect: 'giveUp',
    });
    r.take({ input: 'tick', at: R0 + tooLong });
    expect([p.state, r.state]).toEqual([{ state: 'idle' }, { state: 'idle' }]);
  });

  it('does not begin where the other band refuses, falls silent or is gone', () => {
    for (const end of [{ input: 'refused' }, { input: 'lost' }, { input: 'tick', at: 106 }] as const) {
      const p = new Provider();
      p.take({ input: 'begin', moment: pressed(100), recipient: 'band-r', service: 1, nonce: half('p') });
      expect(p.take(end)).toEqual({ effect: 'giveUp' });
      expect(p.state).toEqual({ state: 'idle' });
      p.take({ input: 'met', moment: pressed(107), nonce: half('r') });
      expect(p.state).toEqual({ state: 'idle' });
    }
  });

  it('never fails on what it did not expect', () => {
    const { p, r } = meet();
    expect(codeOf(() => p.take({ input: 'attested', answer: new Uint8Array() }))).toBe('accepted');
    expect(codeOf(() => p.take({ input: 'refused' }))).toBe('accepted');
    expect(codeOf(() => p.take({ input: 'lost' }))).toBe('accepted');
    expect(r.take({ input: 'tick', at: R0 + 1 })).toBeUndefined();
    expect([p.state.state, r.state.state]).toEqual(['visiting', 'visiting']);
  });
});
