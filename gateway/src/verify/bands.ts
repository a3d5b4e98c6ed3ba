/**
 * The bands a gateway can check answers of: those whose certificates were given to it, came with their logs, or
 * were brought by a band that met them.
 */
import {
  type BandKey,
  CertificateError,
  type DeviceCertificate,
  type DeviceKey,
  isSigning,
  type TimeInterval,
  TimebandError,
  toHex,
  type TrustStore,
  type VerificationKey,
} from '@timeband/protocol';
import type { Store } from '../store/index.js';

export interface BandsOptions {
  readonly site: string;
  readonly trust: TrustStore;
  readonly store: Store;
  /** Certificates beside those of the logs, not yet verified. */
  readonly certificates?: Iterable<Uint8Array> | undefined;
  /** The key that this gateway shares with a device that only MACs. */
  readonly deviceKey?: ((device: string, thumbprint: Uint8Array) => DeviceKey | undefined) | undefined;
}

interface KnownBand extends BandKey {
  readonly certificate: DeviceCertificate;
}

export class Bands {
  private readonly byKid = new Map<string, KnownBand>();
  private readonly ids = new Set<string>();
  private newestLog = 0;

  constructor(private readonly options: BandsOptions) {
    for (const bytes of options.certificates ?? []) this.learn(bytes);
    for (const bytes of options.store.evidence.metCertificates()) this.learn(bytes);
  }

  /** Whether answers of a key can be checked. */
  knows(kid: Uint8Array): boolean {
    const name = toHex(kid);
    if (!this.byKid.has(name)) this.learnNewLogs();
    return this.byKid.has(name);
  }

  /** A device brings the certificate of a band that it met, which is kept. @throws CertificateError */
  meet(bytes: Uint8Array): void {
    const { site, trust, store } = this.options;
    const { kid } = trust.verifyDevice(bytes, { roles: ['band'], site, revoked: 'accept' });
    store.evidence.keepMetCertificate(kid, bytes);
    this.learn(bytes);
  }

  /** Whether a device is a band, by its certificate. */
  has(device: string): boolean {
    this.learnNewLogs();
    return this.ids.has(device);
  }

  /**
   * The band of a key id, for what it signed at some time.
   * @throws CertificateError `cert/revoked`, `cert/expired` when it was not to be believed then
   */
  find(kid: Uint8Array, time: TimeInterval): BandKey | undefined {
    const known = this.knows(kid) ? this.byKid.get(toHex(kid)) : undefined;
    if (known !== undefined) refuseAt(known.certificate, time, this.options.trust);
    return known;
  }

  private learnNewLogs(): void {
    for (const { log, bytes } of this.options.store.evidence.certificatesAfter(this.newestLog)) {
      this.newestLog = log;
      this.learn(bytes);
    }
  }

  private learn(bytes: Uint8Array): void {
    const { site, trust } = this.options;
    let certificate: DeviceCertificate;
    try {
      certificate = trust.verifyDevice(bytes, { roles: ['band'], site, revoked: 'accept' });
    } catch (error) {
      // A reader's, another site's, or none at all: nothing that a band's answer could be checked with.
      if (!(error instanceof TimebandError)) throw error;
      return;
    }
    this.ids.add(certificate.subject);
    const key = this.keyOf(certificate);
    if (key === undefined) return;
    this.byKid.set(toHex(certificate.kid), { band: certificate.subject, key, certificate });
  }

  private keyOf(certificate: DeviceCertificate): VerificationKey | undefined {
    const { subject, thumbprint } = certificate;
    return isSigning(certificate) ? certificate.key : this.options.deviceKey?.(subject, thumbprint);
  }
}

/** What a key signed before its certificate began is its holder's all the same. */
function refuseAt(
  certificate: DeviceCertificate,
  { earliest, latest }: TimeInterval,
  trust: TrustStore,
): void {
  const { subject, expires } = certificate;
  const revocation = trust.revocationOf(certificate);
  if (revocation !== undefined && latest >= revocation.at) {
    throw new CertificateError('cert/revoked', `the key of ${subject} was revoked`, { at: revocation.at });
  }
  if ((earliest ?? latest) >= expires) {
    throw new CertificateError('cert/expired', `the certificate of ${subject} had expired`);
  }
}
