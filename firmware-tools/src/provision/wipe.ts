/** Takes a device back: by the issuer, or by a technician where nothing of residents is lost (SPEC.md, Wipe). */
import {
  call,
  COMMAND,
  type DeviceStanding,
  DeviceKey,
  type FactoryReport,
  type PrivateKey,
  REFUSAL,
  sendPut,
  signWipe,
  type SmpClient,
  SmpError,
} from '@timeband/protocol';
import type { Desk } from './desk.js';
import { ProvisionError } from './errors.js';
import { askFactory } from './provision.js';

export interface Wiped {
  readonly serial: string;
  readonly device: string;
  readonly forced: boolean;
  /** It was blank already. */
  readonly already: boolean;
}

/** A device needs a moment to forget. */
const MAX_QUESTIONS = 20;

/**
 * @param force gives up records that nobody acknowledged
 * @throws ProvisionError `device/unacknowledged`, `device/refused`, `device/unknown`; SmpError, LinkError
 */
export async function wipeDevice(client: SmpClient, desk: Desk, force: boolean): Promise<Wiped> {
  const report = await askFactory(client);
  const { serial, state, device = '', site, thumbprint } = report;
  if (state !== 'provisioned' || thumbprint === undefined) return finished(desk, report, force);
  if (site !== desk.site) {
    throw new ProvisionError('device/refused', `${serial} belongs to ${site ?? 'another site'}`);
  }
  const standing = desk.register.byThumbprint(thumbprint);
  const order = signWipe(keyFor(desk, standing), {
    ...{ site, device, thumbprint, at: desk.now, force },
  });
  try {
    await sendPut(
      { what: 'wipe', bytes: order },
      async (piece) => (await call(client, COMMAND.put, piece)).next,
    );
  } catch (error) {
    if (!(error instanceof SmpError)) throw error;
    if (error.rc === REFUSAL.unacknowledged) {
      throw new ProvisionError(
        'device/unacknowledged',
        `${device} holds records that no gateway has acknowledged. Let it come to a gateway first, or give them up with --force`,
      );
    }
    // Its answer was lost with the link or with the key: what it is now says whether it followed.
    if (error.code === 'smp/device' && error.rc !== REFUSAL.notProvisioned) throw error;
  }
  for (let question = 0; (await askFactory(client)).state === 'provisioned'; question++) {
    if (question >= MAX_QUESTIONS) throw new ProvisionError('device/refused', `${device} does not forget`);
  }
  desk.note({ what: 'wiped', device, serial, thumbprint, forced: force });
  return { serial, device, forced: force, already: false };
}

/** Blank: perhaps because it was wiped when this program was stopped before it could say so. */
function finished(desk: Desk, { serial }: FactoryReport, forced: boolean): Wiped {
  const standing = desk.register.bySerial(serial);
  if (standing?.state !== 'issued') return { serial, device: '', forced: false, already: true };
  const { device } = standing.entry;
  desk.note({ what: 'wiped', device, serial, thumbprint: standing.certified.thumbprint, forced });
  return { serial, device, forced, already: false };
}

function keyFor(desk: Desk, standing: DeviceStanding | undefined): PrivateKey | DeviceKey {
  const shared = standing?.entry.deviceKey;
  return standing === undefined || shared === undefined
    ? desk.issuerKey
    : new DeviceKey(desk.site, standing.entry.device, shared);
}
