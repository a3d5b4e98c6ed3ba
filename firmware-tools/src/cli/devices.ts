/** One command on several devices: each is opened, asked and closed, and what fails on one stops none of the others. */
import {
  type Certificate,
  type CertifiedParty,
  issueCertificate,
  openIssuerCertificate,
} from '@timeband/protocol';
import { openDevice, type OpenDevice, type Target, type Targets } from '../target/index.js';
import type { Environment } from './environment.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';
import { chooseTargets, explainFailure, readTechnician, type TargetCliOptions } from './targets.js';

const DAY_SECONDS = 86_400;

export interface DeviceContext {
  readonly device: OpenDevice;
  /** Opens it once more, in place of `device`, whose link was lost. @throws as `openDevice` */
  readonly reopen: () => Promise<OpenDevice>;
  readonly target: Target;
  /** The site's issuer: of a file, or of a simulated site; none where nobody gave one. */
  readonly issuer: Certificate | undefined;
  /** The issuer's key of a simulated site. */
  readonly authority: Targets['issuer'];
  /** Whether the person at the terminal has had enough. */
  readonly isInterrupted: () => boolean;
}

export interface DeviceCliOptions extends TargetCliOptions {
  readonly json?: true;
}

/** The devices, and whom to believe about them. The targets are to be closed. @throws CommandFailure, TargetError */
export async function openTargets(
  options: DeviceCliOptions,
  environment: Environment,
): Promise<{
  readonly targets: Targets;
  readonly technician: CertifiedParty | undefined;
  readonly issuer: Certificate | undefined;
}> {
  const technician = await readTechnician(options, environment);
  const given = options.issuer === undefined ? undefined : readIssuer(options.issuer);
  const targets = await chooseTargets(options, environment);
  return { targets, technician, issuer: given ?? issuerOf(targets, environment.now()) };
}

/** Does it on each device in turn. Returns the first exit code that is not 0. */
export async function onEachDevice(
  options: DeviceCliOptions,
  environment: Environment,
  action: (context: DeviceContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { targets, technician, issuer } = await openTargets(options, environment);
  try {
    const codes: ExitCode[] = [];
    for (const target of targets.list) {
      const open = (): Promise<OpenDevice> => openDevice(target, { technician, timeoutMs: options.timeout });
      const shared = { target, issuer, authority: targets.issuer };
      codes.push(await onDevice(open, shared, options, environment, action));
      if (codes.at(-1) === EXIT.interrupted) break;
    }
    if (codes.length === 0) throw new CommandFailure(EXIT.notReachable, 'nobody was heard');
    return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
  } finally {
    await targets.close();
  }
}

async function onDevice(
  open: () => Promise<OpenDevice>,
  shared: Pick<DeviceContext, 'target' | 'issuer' | 'authority'>,
  { json }: DeviceCliOptions,
  environment: Environment,
  action: (context: DeviceContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { name } = shared.target;
  const interrupt = new AbortController();
  let device: OpenDevice | undefined;
  const stopListening = environment.onInterrupt(() => {
    interrupt.abort();
    void device?.close();
  });
  try {
    device = await open();
    const reopen = async (): Promise<OpenDevice> => {
      await device?.close();
      device = await open();
      if (interrupt.signal.aborted) await device.close();
      return device;
    };
    return await action({ device, reopen, ...shared, isInterrupted: () => interrupt.signal.aborted });
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    const explained = explainFailure(error, name);
    if (explained === undefined) throw error;
    const { exitCode, code, message } = explained;
    if (json === true) environment.print(JSON.stringify({ target: name, error: { code, message } }));
    environment.complain(`bandctl: ${message}`);
    return exitCode;
  } finally {
    stopListening();
    await device?.close();
  }
}

/** @throws CommandFailure */
export function readIssuer(file: string): Certificate {
  const bytes = readFileOr(file, 'the issuer certificate');
  try {
    return openIssuerCertificate(bytes);
  } catch (error) {
    throw new CommandFailure(
      EXIT.refused,
      `${file} is no issuer certificate (${(error as Error).message}). It is the issuer.cwt that the site was made with.`,
    );
  }
}

/** A simulated site is believed by its key. */
function issuerOf({ issuer }: Targets, now: number): Certificate | undefined {
  if (issuer === undefined) return undefined;
  const { key, name, site } = issuer;
  const bytes = issueCertificate(key, {
    ...{ issuer: name, subject: name, role: 'issuer', site, key: key.publicKey },
    ...{ notBefore: now - DAY_SECONDS, expires: now + DAY_SECONDS * 366 },
  });
  return openIssuerCertificate(bytes);
}
