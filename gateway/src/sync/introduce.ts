/** The beginning of a conversation: who is there, which log it keeps, who we are, what time it is. */
import {
  call,
  type ClockReading,
  COMMAND,
  DEFAULT_PARAMETERS,
  isVouched,
  parametersRequest,
  randomBytes,
  readParameters,
  SEAL_NONCE_BYTES,
  type SessionClient,
  type SmpClient,
  SmpError,
  type SmpParameters,
  type Status,
  verifySeal,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';
import { refuseOwnEnd } from '../trust/index.js';
import { type VerifiedDevice, verifyIdentity } from '../verify/index.js';
import type { SyncContext } from './context.js';
import { identify } from './identify.js';
import { setClock } from './own-word.js';
import { checkSuccession } from './succession.js';

/** A device that is known, with its log as the store has it. */
export interface Introduced {
  readonly device: VerifiedDevice;
  readonly log: StoredLog;
  readonly parameters: SmpParameters;
  /** When its clock was set, unless ours is unset. */
  readonly clockSet: ClockReading | undefined;
  /** Of a log that is known. */
  readonly status: Status | undefined;
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
  const known = context.store.findLog(identity.logId);
  const [clockSet, status] = await Promise.all([
    setClock(client, context, device, clockNonce),
    known && call(client, COMMAND.status, { seen: known.head }),
  ]);
  const log = known ?? (await openLog(client, context, device));
  return { device, log, parameters, clockSet, status };
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

/**
 * A log this box has never seen. When another gateway has acknowledged its beginning, that part may be gone from the
 * device; the device's seal then says on which hash the rest builds.
 */
async function openLog(client: SmpClient, context: SyncContext, device: VerifiedDevice): Promise<StoredLog> {
  const { certificate, key, identity, genesis } = device;
  checkSuccession(identity, context);
  let start = { base: 0, hash: genesis };
  if (identity.acked > 0) {
    const nonce = randomBytes(SEAL_NONCE_BYTES);
    const bytes = await call(client, COMMAND.seal, { nonce, upto: identity.acked });
    const seal = verifySeal(bytes, key, context.site);
    start = { base: seal.first - 1, hash: seal.hashBefore };
    context.log.warn(
      { device: identity.device, base: start.base },
      'records of this device were acknowledged by another gateway and are not in this store',
    );
  }
  const { logId, epoch } = identity;
  return context.store.insertLog({
    logId,
    device: identity.device,
    epoch,
    certificate: certificate.bytes,
    vouched: isVouched(key),
    ...start,
  });
}
