/** Whether this gateway may still speak for its site: its own certificate holds, and no other gateway is the primary. */
import { CertificateError, type GatewayClock } from '@timeband/protocol';
import type { Credentials } from '../config/index.js';

export interface Standing {
  /** Its own id. */
  readonly gateway: string;
  /** Id of the site's primary gateway, where its issuer named one. */
  readonly policies: { readonly primary?: string | undefined };
}

/**
 * Whether another gateway of the site is its primary. This one then leaves the records where they are: two boxes that
 * both number and acknowledge would tell two stories (SPEC.md, Policy).
 */
export function standsBack({ policies, gateway }: Standing): boolean {
  return policies.primary !== undefined && policies.primary !== gateway;
}

export interface OwnEnd {
  readonly credentials: Pick<Credentials, 'certificate' | 'trust'>;
  readonly clock: Pick<GatewayClock, 'now'>;
}

/** @throws CertificateError `cert/revoked`, `cert/expired` once this gateway's own certificate is good no longer */
export function refuseOwnEnd({ credentials, clock }: OwnEnd): void {
  const { certificate, trust } = credentials;
  const now = clock.now();
  if (trust.revocationOf(certificate) !== undefined) {
    throw new CertificateError('cert/revoked', 'the key of this gateway was revoked: it needs a new one');
  }
  if (now !== undefined && now >= certificate.expires) {
    throw new CertificateError(
      'cert/expired',
      'the certificate of this gateway has expired: it needs a new one',
    );
  }
}
