/** Whom the gateway is talking to: an identity that a certificate proves (SPEC.md, Certificate, Log). */
import {
  type Certificate,
  equalBytes,
  genesisHash,
  type Identity,
  LogError,
  logIdOf,
  type TrustStore,
  CertificateError,
} from '@timeband/protocol';

/** A device whose certificate holds and whose log id follows from what it says of its log. */
export interface VerifiedDevice {
  readonly certificate: Certificate;
  readonly identity: Identity;
  /** `h(0)` of the log it keeps now. */
  readonly genesis: Uint8Array;
}

/** What a device has to satisfy. `now` is Unix seconds. */
export interface DeviceDemand {
  readonly trust: TrustStore;
  readonly site: string;
  readonly now: number;
}

/**
 * Checks what a device answered to `identity` against its certificate. Whether it holds the certified key shows
 * with its first seal.
 *
 * @throws CertificateError, LogError `log/genesis`
 */
export function verifyIdentity(
  identity: Identity,
  certificateBytes: Uint8Array,
  { trust, site, now }: DeviceDemand,
): VerifiedDevice {
  const certificate = trust.verify(certificateBytes, { roles: ['reader', 'band'], site, now });
  if (certificate.subject !== identity.device) {
    throw new CertificateError(
      'cert/shape',
      `a certificate of ${certificate.subject} shown by ${identity.device}`,
    );
  }
  const genesis = genesisHash({
    site,
    device: identity.device,
    thumbprint: certificate.thumbprint,
    epoch: identity.epoch,
    previous: identity.previous,
  });
  if (!equalBytes(logIdOf(genesis), identity.logId)) {
    throw new LogError('log/genesis', `the log id of ${identity.device} does not follow from its genesis`);
  }
  return { certificate, identity, genesis };
}
