/**
 * A band whose button was pressed near the gateway checks in or out: it is challenged once, and its answer becomes a
 * punch in the gateway's own log (SPEC.md, A band at a gateway, Answer).
 */
import {
  call,
  type Challenge,
  CHALLENGE_NONCE_BYTES,
  COMMAND,
  decodeCose,
  type Direction,
  equalBytes,
  EvidenceError,
  KIND,
  openAnswer,
  punchBody,
  randomBytes,
  REFUSAL,
  type SmpClient,
  TimebandError,
} from '@timeband/protocol';
import type { Preview } from '../ledger/index.js';
import { refuseOwnEnd } from '../trust/index.js';
import type { VerifiedDevice } from '../verify/index.js';
import type { ButtonPunches, SyncContext } from './context.js';
import type { FaultReporter } from './faults.js';
import type { Introduced } from './introduce.js';
import { isRefusal } from './own-word.js';

export interface ChallengeContext extends Pick<
  SyncContext,
  'site' | 'gateway' | 'credentials' | 'clock' | 'counters'
> {
  readonly visits: Pick<SyncContext['visits'], 'isOpen'>;
}

/** A punch that this gateway logged itself. */
export interface OwnPunch {
  /** Of the challenge: the band's own copy names it. */
  readonly nonce: Uint8Array;
  /** Its number in our own log. */
  readonly seq: number;
  readonly outcome: Preview;
}

/** What a press of the button is for; nothing where it was not pressed, or is for nothing. */
export function pressedFor(
  { visit, buttonPunches }: Pick<SyncContext, 'visit' | 'buttonPunches'>,
  { device }: Pick<Introduced, 'device'>,
): ButtonPunches | undefined {
  const isBand = device.certificate.role === 'band';
  return isBand && visit?.isPressed === true ? buttonPunches : undefined;
}

/**
 * Challenges the band and logs what it answers. It is asked once: an answer that was lost cannot be had again without
 * another press. Nothing that goes wrong keeps its log from being read.
 *
 * @returns nothing where it came to no punch: that was counted, or reported as a fault
 */
export async function punchByButton(
  purpose: ButtonPunches,
  client: SmpClient,
  context: ChallengeContext,
  { device }: Pick<Introduced, 'device'>,
  faults: FaultReporter,
): Promise<OwnPunch | undefined> {
  const { counters } = context;
  try {
    return await challenge(purpose, client, context, device);
  } catch (error) {
    if (isRefusal(error, REFUSAL.notPressed)) counters.count('challenge/not-pressed', client.name);
    else if (isRefusal(error, REFUSAL.busy)) counters.count('challenge/busy', client.name);
    else if (error instanceof TimebandError) faults.report(error, device.identity.device);
    else throw error;
    return undefined;
  }
}

async function challenge(
  { service, log }: ButtonPunches,
  client: SmpClient,
  context: ChallengeContext,
  { identity, key }: VerifiedDevice,
): Promise<OwnPunch | undefined> {
  const { site, gateway, clock, visits } = context;
  const now = clock.now();
  // A press counts once: where it could not be logged the band is not asked.
  if (now === undefined || !log.isOpen) return undefined;
  refuseOwnEnd(context);
  const direction: Direction = visits.isOpen(identity.device, service, now) ? 'out' : 'in';
  const nonce = randomBytes(CHALLENGE_NONCE_BYTES);
  const asked: Challenge = { nonce, what: 'punch', challenger: gateway, service, direction };
  const message = await call(client, COMMAND.challenge, asked);
  // What else it has to say is checked against the punch before that is logged.
  if (!equalBytes(openAnswer(decodeCose(message), key, site).nonce, nonce)) {
    throw new EvidenceError('evidence/mismatch', `${identity.device} answered another challenge`);
  }
  const body = punchBody({ direction, service, proof: { kind: 'answer', message } });
  const logged = await log.log(KIND.punch, body);
  return logged && { nonce, ...logged };
}
