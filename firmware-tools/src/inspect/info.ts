/** Asks a device who it is and how its log stands (SPEC.md, Commands). Reads only: the device is left as it was. */
import {
  call,
  type Certificate,
  type CertifiedParty,
  COMMAND,
  DEFAULT_PARAMETERS,
  demandsSession,
  equalBytes,
  genesisHash,
  type Identity,
  type Link,
  LinkError,
  logIdOf,
  parametersRequest,
  readParameters,
  readUnverifiedCertificate,
  SessionClient,
  type SmpClient,
  SmpError,
  type SmpParameters,
  TimebandError,
  toHex,
  TrustStore,
  type Timers,
} from '@timeband/protocol';

/** What can be said about a device's certificate. */
export type Trust =
  | { readonly verdict: 'verified' }
  /** Nobody gave an issuer to check it against. */
  | { readonly verdict: 'not verified' }
  | { readonly verdict: 'refused'; readonly code: string; readonly reason: string };

/** `claims` are absent when the bytes are no certificate. Times are Unix seconds. */
export interface CertificateInfo {
  readonly trust: Trust;
  readonly claims?: {
    readonly subject: string;
    readonly role: string;
    readonly site: string;
    readonly issuer: string;
    readonly keyId: string;
    readonly notBefore: number;
    readonly expires: number;
  };
}

/** Byte strings are in hexadecimal, so that it can be printed as JSON. */
export interface DeviceInfo {
  readonly device: string;
  readonly certificate: CertificateInfo;
  readonly firmware: string;
  readonly hardware: string;
  /** Starts of the device so far. */
  readonly boot: number;
  readonly log: {
    readonly id: string;
    readonly epoch: number;
    /** The log that this epoch continues. */
    readonly previous?: { readonly id: string; readonly seq: number };
    readonly head: number;
    readonly sealed: number;
    readonly acked: number;
    /** Lowest sequence number that can be read. */
    readonly oldest: number;
    /** Records that no gateway has acknowledged. */
    readonly waiting: number;
    /** Taps are turned away until a gateway acknowledges. */
    readonly full: boolean;
  };
  /** `assumed` when the device does not say. */
  readonly buffer: { readonly bytes: number; readonly count: number; readonly assumed: boolean };
}

export interface InspectOptions {
  /** The site's issuer, from `openIssuerCertificate`. Without it nothing is verified. */
  readonly issuer?: Certificate | undefined;
  /** Unix seconds, for the certificate's validity. */
  readonly now: number;
  /** Milliseconds to wait for each answer; each question is repeated twice. */
  readonly timeoutMs?: number;
  /** Whose session it becomes where the device demands one. */
  readonly technician?: CertifiedParty | undefined;
  readonly timers?: Timers;
}

/** An inspection that did not get to its end. */
export class InspectionError extends Error {
  override readonly name = 'InspectionError';

  constructor(
    /** Nothing answered at all; the device refused a question; it answered some and then failed. */
    readonly outcome: 'silent' | 'refused' | 'incomplete',
    readonly code: string,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Any sequence number that a device can reach: the newest record is not wanted with the status. */
const SEEN_EVERYTHING = 0xffff_ffff;

/**
 * Inspects the device at the other end of a link. The link is started here, and stays open.
 * @throws InspectionError
 */
export async function inspectDevice(link: Link, options: InspectOptions): Promise<DeviceInfo> {
  const { timeoutMs, timers, issuer, now, technician } = options;
  const client = new SessionClient(link, { ...(timeoutMs && { timeoutMs }), ...(timers && { timers }) });
  const progress = { answered: false };
  try {
    const buffer = await askParameters(client);
    progress.answered = true;
    const identity = await askIdentity(client, technician);
    const certificate = await call(client, COMMAND.certificate, undefined);
    const status = await call(client, COMMAND.status, { seen: SEEN_EVERYTHING });
    const { device, firmware, hardware, boot, epoch, acked, oldest, previous } = identity;
    const { head, sealed, full } = status;
    return {
      device,
      certificate: examineCertificate(certificate, identity, issuer, now),
      ...{ firmware, hardware, boot },
      log: {
        ...{ id: toHex(identity.logId), epoch },
        ...(previous && { previous: { id: toHex(previous.logId), seq: previous.seq } }),
        ...{ head, sealed, acked, oldest, waiting: Math.max(0, head - acked), full },
      },
      buffer,
    };
  } catch (error) {
    throw inspectionError(error, progress.answered);
  }
}

/** Who it is; where it tells that in a session only, it gets one. */
async function askIdentity(client: SessionClient, technician: CertifiedParty | undefined): Promise<Identity> {
  try {
    return await call(client, COMMAND.identity, undefined);
  } catch (error) {
    if (technician === undefined || !demandsSession(error)) throw error;
    await client.beginCertified(technician);
    return call(client, COMMAND.identity, undefined);
  }
}

async function askParameters(client: SmpClient): Promise<DeviceInfo['buffer']> {
  const of = ({ bufferBytes, bufferCount }: SmpParameters, assumed: boolean): DeviceInfo['buffer'] => ({
    ...{ bytes: bufferBytes, count: bufferCount, assumed },
  });
  try {
    return of(readParameters(await client.request(parametersRequest)), false);
  } catch (error) {
    // SMP servers need not have the command; a refusal is an answer all the same.
    if (error instanceof SmpError && error.code === 'smp/device') return of(DEFAULT_PARAMETERS, true);
    throw error;
  }
}

function inspectionError(error: unknown, answered: boolean): unknown {
  if (!(error instanceof TimebandError)) return error;
  const silent = !answered && (error.code === 'smp/timeout' || error instanceof LinkError);
  const outcome = error.code === 'smp/device' ? 'refused' : silent ? 'silent' : 'incomplete';
  return new InspectionError(outcome, error.code, error.message, error);
}

/** Whether a device's certificate holds, and is of the log that it keeps. */
export function examineCertificate(
  bytes: Uint8Array,
  identity: Identity,
  issuer: Certificate | undefined,
  now: number,
): CertificateInfo {
  const trust = judge(bytes, identity, issuer, now);
  try {
    const { subject, role, site, issuer: by, kid, notBefore, expires } = readUnverifiedCertificate(bytes);
    return { trust, claims: { subject, role, site, issuer: by, keyId: toHex(kid), notBefore, expires } };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { trust: refused(error.code, `it shows no certificate: ${error.message}`) };
  }
}

function judge(bytes: Uint8Array, identity: Identity, issuer: Certificate | undefined, now: number): Trust {
  if (issuer === undefined) return { verdict: 'not verified' };
  try {
    const { site } = issuer;
    const certificate = new TrustStore([issuer.key]).verifyDevice(bytes, {
      ...{ roles: ['reader', 'band'], site, now },
    });
    const { device, epoch, previous } = identity;
    if (certificate.subject !== device) {
      return refused(
        'cert/shape',
        `it calls itself ${device}, its certificate is for ${certificate.subject}`,
      );
    }
    const { thumbprint } = certificate;
    if (!equalBytes(logIdOf(genesisHash({ site, device, thumbprint, epoch, previous })), identity.logId)) {
      return refused('log/genesis', 'its log is not the one of its key');
    }
    return { verdict: 'verified' };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return refused(error.code, error.message);
  }
}

function refused(code: string, reason: string): Trust {
  return { verdict: 'refused', code, reason };
}
