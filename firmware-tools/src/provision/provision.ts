/** Takes a device from its factory to its site, step by step, from wherever it was left (SPEC.md, Provisioning). */
import {
  approve,
  approvedBody,
  call,
  type CborMap,
  COMMAND,
  type DeviceKey,
  type DeviceStanding,
  enrolAction,
  type EnrolReason,
  type FactoryReport,
  type Grant,
  keyThumbprint,
  openPolicy,
  type PublicKey,
  randomBytes,
  type RegisteredDevice,
  REFUSAL,
  sendPut,
  signGrant,
  type SmpClient,
  SmpError,
  verifyPossession,
  wrapPolicy,
} from '@timeband/protocol';
import { certifiedName, type Desk } from './desk.js';
import { ProvisionError } from './errors.js';
import { nextStep } from './steps.js';

const NONCE_BYTES = 16;
/** No device takes more turns than this: one that does goes round in circles. */
const MAX_TURNS = 12;

/** What a device is to become. */
export interface Plan {
  /** Its id; the next free number of its role unless given. */
  readonly device?: string | undefined;
  /** Whom a band is enrolled for. Needs an operator's approval. */
  readonly account?: string | undefined;
  /** The band that it stands in for, and why. */
  readonly replaces?: { readonly device: string; readonly reason: EnrolReason } | undefined;
  readonly days?: number | undefined;
  readonly preferP256?: boolean | undefined;
}

export type ProvisionStep = 'asked' | 'make key' | 'prove' | 'grant' | 'confirm' | 'done';

export interface Provisioned extends RegisteredDevice {
  readonly role: 'reader' | 'band';
  readonly thumbprint: Uint8Array;
  /** The register had it already: nothing was done. */
  readonly already: boolean;
}

export interface ProvisionOptions {
  /** Ids that are about to be given by others at the same desk. */
  readonly taken?: Set<string>;
  /** Strangers can listen, as on the radio: no key is handed over. */
  readonly isTapped?: boolean;
  readonly step?: (step: ProvisionStep, report: FactoryReport) => void;
}

/**
 * Does what is left to do. When it fails because the link was lost it may be called again on another one.
 * @throws ProvisionError, ProvisioningError, SmpError, LinkError, CborError
 */
export async function provisionDevice(
  client: SmpClient,
  desk: Desk,
  planned: Plan | ((report: FactoryReport) => Plan),
  { taken = new Set(), isTapped = false, step: tell = () => undefined }: ProvisionOptions = {},
): Promise<Provisioned> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const report = await askFactory(client);
    tell('asked', report);
    const plan = typeof planned === 'function' ? planned(report) : planned;
    const { thumbprint, serial } = report;
    const next = nextStep(report, {
      site: desk.site,
      ofKey: thumbprint && desk.register.byThumbprint(thumbprint),
      ofSerial: desk.register.bySerial(serial),
      preferP256: plan.preferP256,
    });
    if (next.step === 'refuse') throw new ProvisionError('device/refused', `${serial}: ${next.reason}`);
    if (next.step !== 'grant') tell(next.step, report);
    switch (next.step) {
      case 'make key':
        await call(client, COMMAND.makeKey, { algorithm: next.algorithm });
        break;
      case 'grant': {
        const device = next.begun?.entry.device ?? plan.device ?? desk.freeId(report.role, taken);
        taken.add(device);
        if (next.macs && isTapped) {
          throw new ProvisionError(
            'device/refused',
            `${serial} only MACs, so its key comes with the grant, and on the radio others would hear it: provision it by its cable`,
          );
        }
        if (next.macs) await grantDerived(client, desk, plan, report, device, next.begun);
        else {
          tell('prove', report);
          await grantProven(client, desk, plan, report, device, next.begun);
        }
        tell('grant', report);
        break;
      }
      case 'confirm':
        desk.note({ ...next.granted.entry, what: 'issued', irk: await askIrk(client) });
        break;
      case 'done':
        return outcomeOf(next.issued, turn === 0);
    }
  }
  throw new ProvisionError('device/refused', 'the device does not get further');
}

/** @throws ProvisionError `device/refused` where the firmware knows no provisioning */
export async function askFactory(client: SmpClient): Promise<FactoryReport> {
  try {
    return await call(client, COMMAND.factory, undefined);
  } catch (error) {
    if (error instanceof SmpError && error.rc === RC_NOT_SUPPORTED) {
      throw new ProvisionError('device/refused', 'its firmware cannot be provisioned: update it first');
    }
    throw error;
  }
}
const RC_NOT_SUPPORTED = 8;

/** Of a device that made its key: nothing is certified that it has not proven to hold. */
async function grantProven(
  client: SmpClient,
  desk: Desk,
  plan: Plan,
  report: FactoryReport,
  device: string,
  begun: DeviceStanding | undefined,
): Promise<void> {
  const key = await makeOrGetKey(client, report);
  const asked = { nonce: randomBytes(NONCE_BYTES), site: desk.site };
  const proof = await call(client, COMMAND.possession, asked);
  verifyPossession(proof, { ...asked, serial: report.serial, key });
  const certificate = desk.certify(device, report.role, key, plan.days);
  const registered = registeredAs(report, plan, device, certificate, begun);
  desk.note({ what: 'granted', ...registered });
  await handOver(client, desk, {
    ...grantOf(desk, registered),
    enrolment: enrolmentOf(desk, plan, registered, keyThumbprint(key)),
  });
}

/** Of a device that only MACs: its key is derived, one generation for each time that the hardware was wiped. */
async function grantDerived(
  client: SmpClient,
  desk: Desk,
  plan: Plan,
  report: FactoryReport,
  device: string,
  begun: DeviceStanding | undefined,
): Promise<void> {
  const key = unusedKey(desk, device, begun);
  const certificate = desk.certify(device, report.role, certifiedName(key), plan.days);
  const registered = {
    ...registeredAs(report, plan, device, certificate, begun),
    deviceKey: key.export(),
  };
  desk.note({ what: 'granted', ...registered });
  await handOver(client, desk, {
    ...grantOf(desk, registered, key),
    enrolment: enrolmentOf(desk, plan, registered, key.thumbprint),
  });
}

function unusedKey(desk: Desk, device: string, begun: DeviceStanding | undefined): DeviceKey {
  for (let generation = 1; ; generation++) {
    const key = desk.deviceKey(device, generation);
    const standing = desk.register.byThumbprint(key.thumbprint);
    if (standing === undefined || standing === begun) return key;
  }
}

/** `make key` again gives the key that is there, whichever of the two kinds it is of. */
async function makeOrGetKey(client: SmpClient, { algorithms }: FactoryReport): Promise<PublicKey> {
  for (const algorithm of [-8, -7] as const) {
    if (!algorithms.includes(algorithm)) continue;
    try {
      return await call(client, COMMAND.makeKey, { algorithm });
    } catch (error) {
      if (!(error instanceof SmpError && error.rc === REFUSAL.notAvailable)) throw error;
    }
  }
  throw new ProvisionError('device/refused', 'it has a key and does not show it');
}

function registeredAs(
  { serial, hardware, firmware }: FactoryReport,
  plan: Plan,
  device: string,
  certificate: Uint8Array,
  begun: DeviceStanding | undefined,
): RegisteredDevice {
  return {
    ...{ device, serial, certificate, hardware, firmware },
    account: plan.account ?? begun?.entry.account,
    replaces: plan.replaces?.device ?? begun?.entry.replaces,
  };
}

function grantOf(desk: Desk, registered: RegisteredDevice, deviceKey?: DeviceKey): Grant {
  const { serial, device, certificate } = registered;
  const revocations = desk.register.revocationPolicy;
  const wrapped = (policy: Uint8Array): Uint8Array =>
    deviceKey === undefined
      ? policy
      : wrapPolicy(deviceKey, openPolicy(policy, desk.trust, { site: desk.site }));
  return {
    ...{ serial, site: desk.site, device, at: desk.now, anchors: desk.anchors, certificate },
    ...(deviceKey && { deviceKey: deviceKey.export() }),
    ...(revocations && { policies: [wrapped(revocations)] }),
  };
}

/** Binds a band to its account, approved by the operator at this desk. @throws ProvisionError without one */
function enrolmentOf(
  desk: Desk,
  { replaces }: Plan,
  { account, device }: RegisteredDevice,
  thumbprint: Uint8Array,
): CborMap | undefined {
  if (account === undefined) return undefined;
  const { operatorKey, site } = desk;
  if (operatorKey === undefined) {
    throw new ProvisionError('desk/site', 'an operator approves whose band it is: give --operator-key');
  }
  const action = enrolAction({
    ...{ nonce: randomBytes(NONCE_BYTES), at: desk.now, account, band: device, thumbprint },
    ...(replaces === undefined
      ? { step: 'issued' }
      : { step: 'replaced', replaces: replaces.device, reason: replaces.reason }),
  });
  return approvedBody(action, [approve(operatorKey, site, action)]);
}

async function handOver(client: SmpClient, desk: Desk, grant: Grant): Promise<void> {
  const bytes = signGrant(desk.issuerKey, grant);
  await sendPut({ what: 'grant', bytes }, async (piece) => (await call(client, COMMAND.put, piece)).next);
}

/** A reader has none. */
async function askIrk(client: SmpClient): Promise<Uint8Array | undefined> {
  try {
    return await call(client, COMMAND.resolvingKey, undefined);
  } catch (error) {
    if (error instanceof SmpError && error.rc === REFUSAL.notAvailable) return undefined;
    throw error;
  }
}

function outcomeOf({ entry, certified }: DeviceStanding, already: boolean): Provisioned {
  const role = certified.role === 'band' ? 'band' : 'reader';
  return { ...entry, role, thumbprint: certified.thumbprint, already };
}
