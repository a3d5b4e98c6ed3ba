/** Whom the gateway is talking to: an identity that its certificate proves. */
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

/**
 * Checks what a device answered to `identity`. Whether it holds the certified key shows with its first seal.
 *
 * @param now Unix seconds
 * @throws CertificateError, LogError `log/genesis`
 */
export function verifyIdentity(
  identity: Identity,
  trust: TrustStore,
  site: string,
  now: number,
): VerifiedDevice {
  const certificate = trust.verify(identity.certificate, { roles: ['reader', 'band'], site, now });
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
