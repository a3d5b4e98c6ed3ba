/** What this gateway says to devices, in the one form that each can check. */
import {
  type AuthenticationKey,
  call,
  type ClockReading,
  COMMAND,
  DeviceKey,
  REFUSAL,
  signAck,
  signClock,
  type SmpClient,
  SmpError,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';
import type { VerifiedDevice } from '../verify/index.js';
import type { SyncContext } from './context.js';

/** A device that only MACs is spoken to under its own key; every other under the gateway's. */
function speakingKey(
  { credentials }: Pick<SyncContext, 'credentials'>,
  { key }: Pick<VerifiedDevice, 'key'>,
): AuthenticationKey {
  return key instanceof DeviceKey ? key : credentials.key;
}

/** Our word that everything of this log up to its head is on disk (SPEC.md, Ack). */
export function ownAck(
  context: Pick<SyncContext, 'site' | 'gateway' | 'policies' | 'credentials'>,
  device: Pick<VerifiedDevice, 'key'>,
  log: Pick<StoredLog, 'logId' | 'head' | 'hash'>,
): Uint8Array {
  const { site, gateway, policies } = context;
  return signAck(speakingKey(context, device), {
    ...{ logId: log.logId, upto: log.head, hash: log.hash },
    ...{ site, gateway, revocations: policies.revocations, durability: 'box' },
  });
}

/**
 * Gives the device our time in answer to its nonce, which also proves who we are on this link. Without a time of our
 * own we only prove who we are; likewise to a device that does not take our time.
 *
 * @param nonce to answer, where the device has just given it
 * @returns when the clock was set; nothing when we have no time to give
 */
export async function setClock(
  client: SmpClient,
  context: SyncContext,
  device: VerifiedDevice,
  nonce?: Uint8Array,
): Promise<ClockReading | undefined> {
  const { state, reading } = context.clock.look();
  const wall = state === 'unset' ? undefined : Math.floor(reading.wall);
  try {
    await answerNonce(client, context, device, wall, nonce);
  } catch (error) {
    if (wall === undefined || !isRefusal(error, REFUSAL.notTrusted)) throw error;
    context.counters.count('clock/refused', client.name);
    context.log.error(
      { device: device.identity.device, link: client.name, wall, code: 'clock/refused' },
      'ALARM: a device does not take our time: it was given a later one before, or its key is another',
    );
    await answerNonce(client, context, device, undefined);
  }
  return wall === undefined ? undefined : reading;
}

async function answerNonce(
  client: SmpClient,
  context: SyncContext,
  device: VerifiedDevice,
  wall: number | undefined,
  given?: Uint8Array,
): Promise<void> {
  const { site, gateway } = context;
  const nonce = given ?? (await call(client, COMMAND.clockNonce, undefined));
  const document = { device: device.identity.device, nonce, wall, site, gateway };
  await call(client, COMMAND.clock, signClock(speakingKey(context, device), document));
}

/** Whether a device refused a command of ours for this reason. */
export function isRefusal(error: unknown, rc: number): boolean {
  return error instanceof SmpError && error.group === TIMEBAND_GROUP && error.rc === rc;
}
