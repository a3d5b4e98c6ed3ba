/** Having a device sign for what was read from it, and telling damage on the way from a device with two stories (SPEC.md, Seal, Forks). */
import {
  call,
  COMMAND,
  LogError,
  randomBytes,
  type ReceivedRecord,
  SEAL_NONCE_BYTES,
  type SealedRecords,
  type SmpClient,
  verifySealedRecords,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';
import type { VerifiedDevice } from '../verify/index.js';

export interface Sealing {
  readonly client: SmpClient;
  readonly site: string;
  readonly key: VerifiedDevice['key'];
  /** The log as it is stored, which the records follow. */
  readonly log: StoredLog;
}

/**
 * The device's seal over these records, verified.
 * @throws SmpError, LinkError, CoseError, CborError; LogError `log/fork` where it also signed another story
 */
export async function askForSeal(
  sealing: Sealing,
  records: readonly ReceivedRecord[],
): Promise<SealedRecords> {
  try {
    return await sealOver(sealing, records);
  } catch (error) {
    if (error instanceof LogError && error.code === 'log/mismatch') await tellForkFromDamage(sealing, error);
    throw error;
  }
}

/**
 * Records that do not hash to the seal were damaged on the way, or the device tells another story than it did.
 * A seal over what is stored already decides: if that differs too, it signed both.
 * @throws LogError `log/fork`
 */
export async function tellForkFromDamage(sealing: Sealing, damage: LogError): Promise<void> {
  const { device, head, base } = sealing.log;
  if (head === base) return;
  try {
    await sealOver(sealing, []);
  } catch (error) {
    if (!(error instanceof LogError) || !(error.code === 'log/mismatch' || error.code === 'log/fork'))
      throw error;
    throw new LogError('log/fork', `${device} signed two stories up to record ${head}`, damage.detail);
  }
}

async function sealOver(
  { client, site, key, log }: Sealing,
  records: readonly ReceivedRecord[],
): Promise<SealedRecords> {
  const nonce = randomBytes(SEAL_NONCE_BYTES);
  const bytes = await call(client, COMMAND.seal, { nonce, upto: log.head + records.length });
  return verifySealedRecords(bytes, key, site, nonce, log, records);
}
