/**
 * Visits between two bands (SPEC.md, Visit). The recipient's answers when it is asked; the provider's looks for the other
 * band in the air around it, the nearest first, and asks.
 */
import {
  attestBody,
  type AuthenticationKey,
  call,
  type CborMap,
  type Certificate,
  type CertifiedParty,
  CHALLENGE_NONCE_BYTES,
  COMMAND,
  type ConfirmedBy,
  decodeCose,
  type Link,
  LinkError,
  type ProviderBand,
  type ProviderEffect,
  type ProviderInput,
  providerStep,
  type ProviderState,
  randomBytes,
  type RecipientBand,
  type RecipientInput,
  recipientStep,
  type RecipientState,
  SessionClient,
  type SessionPeer,
  signStatement,
  SmpError,
  TIMEBAND_GROUP,
  TimebandError,
  type Timers,
  verifyStatement,
} from '@timeband/protocol';
import { Refusal } from '../firmware/refusal.js';
import type { BandCentral } from '../radio/band/firmware.js';
import type { Button } from './button.js';

/** A provider's band listens for so long, and tries so many of those that it heard. */
const LISTEN_MS = 400;
const MAX_TRIED = 3;
const CONNECT_MS = 2_500;
/** Without an answer for so long, a visit that was asked for is given up (SPEC.md, Visit). */
const ANSWER_MS = 5_000;

/** What came of a provider's attempt to begin or to end a visit. */
export type VisitOutcome =
  | { readonly outcome: 'begun' | 'attested'; readonly peer: string }
  | { readonly outcome: 'failed'; readonly because: string };

/** What a wearer says at the end of a visit. */
export interface Confirmation {
  /** 1 to 5. */
  readonly rating?: number;
  readonly confirmedBy?: ConfirmedBy;
}

export interface VisitsOptions {
  readonly id: string;
  readonly site: string;
  readonly key: AuthenticationKey;
  /** What the band proves itself with to another one; a band that only MACs cannot. */
  readonly party: CertifiedParty | undefined;
  readonly button: Button;
  readonly central: BandCentral;
  readonly timers: Timers;
  /** Who is at the other end of the link on which something was asked. */
  readonly peer: () => SessionPeer | undefined;
  /** Keeps the certificate of a band that was met, for gateways that do not know it. */
  readonly met: (certificate: Certificate) => void;
  /** Logs an attest record. @throws PowerCut */
  readonly log: (body: CborMap) => void;
}

type Provided = ProviderEffect['effect'] | 'none';

export class Visits {
  private provider: ProviderState = { state: 'idle' };
  private recipient: RecipientState = { state: 'idle' };
  private isTrying = false;

  constructor(private readonly options: VisitsOptions) {}

  /** A new start: what was lived through was in memory. */
  forgetAll(): void {
    this.provider = { state: 'idle' };
    this.recipient = { state: 'idle' };
  }

  /** Answers `meet`. @throws Refusal */
  meet({ nonce, service }: { readonly nonce: Uint8Array; readonly service: number }): Uint8Array {
    const { subject: provider, certificate } = this.asker();
    const { moment } = this.options.button;
    const effect = this.answer(
      {
        ...{ input: 'meet', moment, provider, service, nonce },
        ownNonce: randomBytes(CHALLENGE_NONCE_BYTES),
      },
      certificate,
    );
    if (effect?.effect !== 'answerMeet') throw new Refusal('busy', 'nothing to answer');
    this.options.button.release();
    return effect.nonce;
  }

  /** Answers `attest`: logs the visit first. @throws Refusal, PowerCut */
  attest(asked: { readonly statement: Uint8Array; readonly answer: Uint8Array }): Uint8Array {
    const { subject: provider, certificate } = this.asker();
    const { moment } = this.options.button;
    const effect = this.answer({ input: 'attest', moment, provider, ...asked }, certificate);
    if (effect?.effect !== 'answerAttest') throw new Refusal('disagrees', 'nothing to attest');
    if (effect.log !== undefined) {
      this.options.button.release();
      this.options.log(attestBody(effect.log));
    }
    return effect.answer;
  }

  /** The wearer comes to help somebody: finds the other's band, whose button was pressed too. */
  begin(service: number): Promise<VisitOutcome> {
    return this.seek(async (client, { subject: recipient, certificate }) => {
      const { moment } = this.options.button;
      const nonce = randomBytes(CHALLENGE_NONCE_BYTES);
      const began = this.step({ input: 'begin', moment, recipient, service, nonce }, certificate);
      if (began?.effect !== 'meet') return failed(began);
      const half = await this.ask(call(client, COMMAND.meet, { nonce, service }), certificate);
      this.step({ input: 'met', moment: this.options.button.moment, nonce: half }, certificate);
      this.options.button.release();
      return { outcome: 'begun', peer: recipient };
    });
  }

  /** The wearer goes again: has the other's band confirm it, and logs the visit. */
  end({ rating, confirmedBy = 'recipient' }: Confirmation = {}): Promise<VisitOutcome> {
    return this.seek(async (client, { subject, certificate }) => {
      const { moment } = this.options.button;
      if (this.provider.state === 'visiting' && this.provider.visit.peer !== subject) return undefined;
      const ended = this.step({ input: 'end', moment, rating, confirmedBy }, certificate);
      if (ended?.effect !== 'attest') return failed(ended);
      const { statement, provider } = ended.stated;
      const answer = await this.ask(
        call(client, COMMAND.attest, { statement, answer: provider }),
        certificate,
      );
      const attested = this.step({ input: 'attested', answer }, certificate);
      if (attested?.effect !== 'log') return failed(attested);
      this.options.button.release();
      this.options.log(attestBody(attested.attestation));
      return { outcome: 'attested', peer: subject };
    });
  }

  /** Tries those who are near until one is whom it is about. */
  private async seek(
    use: (
      client: SessionClient,
      peer: SessionPeer & { readonly certificate: Certificate },
    ) => Promise<VisitOutcome | undefined>,
  ): Promise<VisitOutcome> {
    const { central, party } = this.options;
    if (party === undefined) return { outcome: 'failed', because: 'this band has no key that signs' };
    if (this.isTrying) return { outcome: 'failed', because: 'busy' };
    this.isTrying = true;
    let because = 'no band is near';
    try {
      for (const { address } of (await central.scan(LISTEN_MS)).slice(0, MAX_TRIED)) {
        try {
          const link = await central.connect(address, CONNECT_MS);
          const outcome = await this.inSession(link, party, use);
          if (outcome !== undefined) return outcome;
        } catch (error) {
          if (!(error instanceof TimebandError)) throw error;
          because = error.message;
        }
      }
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      because = error.message;
    } finally {
      this.isTrying = false;
    }
    return { outcome: 'failed', because };
  }

  private async inSession(
    link: Link,
    party: CertifiedParty,
    use: Parameters<Visits['seek']>[0],
  ): Promise<VisitOutcome | undefined> {
    const { timers } = this.options;
    const client = new SessionClient(link, { timers, timeoutMs: ANSWER_MS, retries: 0 });
    try {
      const { certificate, ...peer } = await client.beginCertified(party);
      if (certificate === undefined) return undefined;
      this.options.met(certificate);
      return await use(client, { ...peer, certificate });
    } finally {
      await client.close();
    }
  }

  /** What the other band said to what it was asked; the provider's state learns of a refusal and of a lost link. */
  private async ask(asked: Promise<Uint8Array>, peer: Certificate): Promise<Uint8Array> {
    try {
      return await asked;
    } catch (error) {
      const isRefused = error instanceof SmpError && error.group === TIMEBAND_GROUP;
      this.step({ input: isRefused ? 'refused' : 'lost' }, peer);
      throw error;
    }
  }

  private step(input: ProviderInput, peer: Certificate): ProviderEffect | undefined {
    const { id } = this.options;
    const band: ProviderBand = { id, ...this.words(peer) };
    const { state, effect } = providerStep(this.provider, input, band);
    this.provider = state;
    return effect;
  }

  private answer(input: RecipientInput, peer: Certificate) {
    const { id } = this.options;
    const band: RecipientBand = { id, ...this.words(peer) };
    const { state, effect } = recipientStep(this.recipient, input, band);
    this.recipient = state;
    if (effect?.effect === 'refuse')
      throw new Refusal(effect.reason, `a visit was refused: ${effect.reason}`);
    return effect;
  }

  private words(peer: Certificate): Pick<ProviderBand, 'sign' | 'verify'> {
    const { key, site } = this.options;
    return {
      sign: (statement) => signStatement(key, site, statement),
      verify: (answer, statement) => {
        verifyStatement(decodeCose(answer), peer.key, site, statement);
      },
    };
  }

  /** @throws Refusal when it is not a band with a certificate */
  private asker(): { readonly subject: string; readonly certificate: Certificate } {
    const peer = this.options.peer();
    if (peer?.role !== 'band' || peer.certificate === undefined) {
      throw new Refusal('notTrusted', 'a visit is made with another band');
    }
    this.options.met(peer.certificate);
    return { subject: peer.subject, certificate: peer.certificate };
  }
}

function failed(effect: ProviderEffect | undefined): VisitOutcome {
  const said: Provided = effect?.effect ?? 'none';
  return { outcome: 'failed', because: effect?.effect === 'decline' ? effect.reason : said };
}
