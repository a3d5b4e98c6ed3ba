/** Where reading a log begins: at its beginning, after what is stored, or after what can no longer be had (SPEC.md, Seal, Ack). */
import {
  call,
  COMMAND,
  equalBytes,
  isVouched,
  LogError,
  randomBytes,
  SEAL_NONCE_BYTES,
  type SmpClient,
  verifySeal,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';
import type { VerifiedDevice } from '../verify/index.js';
import type { SyncContext } from './context.js';
import { checkSuccession } from './succession.js';

/**
 * A log this box has never seen. When another gateway has acknowledged its beginning, that part may be gone from the
 * device; the device's seal then says on which hash the rest builds. A restored box wants whatever is still there.
 *
 * @throws SmpError, LinkError, LogError
 */
export async function openLog(
  client: SmpClient,
  context: SyncContext,
  device: VerifiedDevice,
): Promise<StoredLog> {
  const { certificate, key, identity, genesis } = device;
  checkSuccession(identity, context);
  const isWhole = context.isRestored === true && identity.oldest === 1;
  let start = { base: 0, hash: genesis };
  if (identity.acked > 0 && !isWhole) {
    start = await acknowledged(client, context, device);
    context.log.warn(
      { device: identity.device, base: start.base },
      'records of this device were acknowledged by another gateway and are not in this store',
    );
  }
  const { logId, epoch } = identity;
  // Another gateway may have brought records of it while the device was asked.
  const known = context.store.findLog(logId);
  if (known !== undefined) return skipLost(client, context, device, known);
  return context.store.insertLog({
    logId,
    device: identity.device,
    epoch,
    certificate: certificate.bytes,
    vouched: isVouched(key),
    ...start,
  });
}

/**
 * A log that is stored up to a record after which the device has overwritten others: they were acknowledged, by a box
 * that knows more than this one. What is gone is counted as lost, and the log goes on after it.
 *
 * @throws SmpError, LinkError, LogError
 */
export async function skipLost(
  client: SmpClient,
  context: SyncContext,
  device: VerifiedDevice,
  log: StoredLog,
): Promise<StoredLog> {
  if (device.identity.oldest <= log.head + 1) return log;
  const { base: head, hash } = await acknowledged(client, context, device);
  const { store, counters } = context;
  // Another gateway may have brought some of them while the device was asked.
  const now = store.findLog(log.logId) ?? log;
  if (head <= now.head) return now;
  const lost = { first: now.head + 1, last: head };
  const next = { ...now, head, hash };
  store.transaction(() => {
    store.unpublished.lose(log.key, lost);
    store.advanceLog(next);
  });
  counters.count('log/gap', log.device);
  context.log.error(
    { device: log.device, code: 'log/gap', from: lost.first, to: lost.last },
    `ALARM: ${log.device} has overwritten records that are not stored here; they had been acknowledged`,
  );
  return next;
}

/** Up to where the device holds its log for acknowledged, and the hash there, by its own seal. @throws as above */
export async function acknowledged(
  client: SmpClient,
  { site }: SyncContext,
  { identity, key }: VerifiedDevice,
): Promise<{ readonly base: number; readonly hash: Uint8Array }> {
  const nonce = randomBytes(SEAL_NONCE_BYTES);
  const seal = verifySeal(await call(client, COMMAND.seal, { nonce, upto: identity.acked }), key, site);
  if (!equalBytes(seal.nonce, nonce))
    throw new LogError('seal/nonce', 'a seal that answers another nonce: a replay');
  if (!equalBytes(seal.logId, identity.logId)) throw new LogError('seal/log', 'a seal of another log');
  return { base: seal.first - 1, hash: seal.hashBefore };
}
