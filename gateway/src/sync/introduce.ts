/** The beginning of a conversation: who is there, which log it keeps, who we are, what time it is. */
import {
  call,
  type ClockReading,
  COMMAND,
  DEFAULT_PARAMETERS,
  isVouched,
  parametersRequest,
  readParameters,
  type SessionClient,
  type SmpClient,
  SmpError,
  type SmpParameters,
  type Status,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';
import { refuseOwnEnd, standsBack } from '../trust/index.js';
import { type VerifiedDevice, verifyIdentity } from '../verify/index.js';
import type { Forwarding, SyncContext } from './context.js';
import { openForwarded } from './forwarded.js';
import { identify } from './identify.js';
import { openLog, skipLost } from './log-start.js';
import { setClock } from './own-word.js';

/** A device that is known, with its log as the store has it. */
export interface Introduced {
  readonly device: VerifiedDevice;
  readonly log: StoredLog;
  readonly parameters: SmpParameters;
  /** When its clock was set, unless ours is unset. */
  readonly clockSet: ClockReading | undefined;
  /** Of a log that is known. */
  readonly status: Status | undefined;
  /** Another gateway was the primary when we introduced ourselves. */
  readonly isSecondary: boolean;
  /** Where its records go then. */
  readonly forward: Forwarding | undefined;
}

/** @throws SmpError, LinkError, CertificateError, LogError */
export async function introduce(client: SessionClient, context: SyncContext): Promise<Introduced> {
  const { credentials, site, clock, deviceKeys } = context;
  refuseOwnEnd(context);
  const [parameters, { identity, clockNonce }] = await Promise.all([
    readSmpParameters(client),
    identify(client, context),
  ]);
  // In a session by certificates each has shown the other its own (SPEC.md, Session).
  const shown = client.peer?.certificate?.bytes;
  const certificate = shown ?? (await call(client, COMMAND.certificate, undefined));
  const { trust } = credentials;
  const device = verifyIdentity(identity, certificate, { trust, site, now: clock.now(), deviceKeys });
  // A device that only MACs could not check our certificate; that we know its key is proof enough.
  if (shown === undefined && !isVouched(device.key))
    await call(client, COMMAND.hello, credentials.certificate.bytes);
  const isSecondary = standsBack(context);
  const forward = isSecondary ? context.forward : undefined;
  const known = (forward?.find ?? context.store.findLog.bind(context.store))(identity.logId);
  const [clockSet, status] = await Promise.all([
    setClock(client, context, device, clockNonce),
    known && call(client, COMMAND.status, { seen: known.head }),
  ]);
  const log = await logOf(client, context, device, known, forward);
  return { device, log, parameters, clockSet, status, isSecondary, forward };
}

function logOf(
  client: SmpClient,
  context: SyncContext,
  device: VerifiedDevice,
  known: StoredLog | undefined,
  forward: Forwarding | undefined,
): Promise<StoredLog> {
  if (forward !== undefined) return openForwarded(client, context, device, forward);
  return known === undefined ? openLog(client, context, device) : skipLost(client, context, device, known);
}

async function readSmpParameters(client: SmpClient): Promise<SmpParameters> {
  try {
    return readParameters(await client.request(parametersRequest));
  } catch (error) {
    // The command is optional in SMP; a server without it gets what the smallest can take.
    if (error instanceof SmpError && error.code === 'smp/device') return DEFAULT_PARAMETERS;
    throw error;
  }
}
