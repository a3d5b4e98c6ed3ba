/** The beginning of a conversation: who is there, which log it keeps, who we are, what time it is. */
import {
  call,
  COMMAND,
  DEFAULT_PARAMETERS,
  parametersRequest,
  randomBytes,
  readParameters,
  SEAL_NONCE_BYTES,
  signClock,
  type SmpClient,
  SmpError,
  type SmpParameters,
  verifySeal,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';
import { type VerifiedDevice, verifyIdentity } from '../verify/index.js';
import type { SyncContext } from './context.js';

/** A device that is known, with its log as the store has it. */
export interface Introduced {
  readonly device: VerifiedDevice;
  readonly log: StoredLog;
  readonly parameters: SmpParameters;
}

/** @throws SmpError, LinkError, CertificateError, LogError */
export async function introduce(client: SmpClient, context: SyncContext): Promise<Introduced> {
  const { credentials, site, wallClock } = context;
  const parameters = await readSmpParameters(client);
  const identity = await call(client, COMMAND.identity, undefined);
  const certificate = await call(client, COMMAND.certificate, undefined);
  const { trust } = credentials;
  const device = verifyIdentity(identity, certificate, { trust, site, now: Math.floor(wallClock()) });
  await call(client, COMMAND.hello, credentials.certificate.bytes);
  await setClock(client, context, identity.device);
  const log = context.store.findLog(identity.logId) ?? (await openLog(client, context, device));
  return { device, log, parameters };
}

/** Gives the device our signed time in answer to its nonce, which also proves who we are on this link. */
export async function setClock(client: SmpClient, context: SyncContext, device: string): Promise<void> {
  const { credentials, site, gateway, wallClock } = context;
  const nonce = await call(client, COMMAND.clockNonce, undefined);
  const document = { device, nonce, wall: Math.floor(wallClock()), site, gateway };
  await call(client, COMMAND.clock, signClock(credentials.key, document));
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
  const { certificate, identity, genesis } = device;
  let start = { base: 0, hash: genesis };
  if (identity.acked > 0) {
    const nonce = randomBytes(SEAL_NONCE_BYTES);
    const bytes = await call(client, COMMAND.seal, { nonce, upto: identity.acked });
    const seal = verifySeal(bytes, certificate.key, context.site);
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
    ...start,
  });
}
