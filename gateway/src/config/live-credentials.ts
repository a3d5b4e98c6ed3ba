/** The credentials of a gateway that runs: its certificate is replaced by the renewed one without a restart. */
import type { Certificate, PrivateKey, TrustStore } from '@timeband/protocol';
import type { Credentials } from './credentials.js';

export class LiveCredentials implements Credentials {
  readonly key: PrivateKey;
  readonly issuer: Certificate;
  readonly trust: TrustStore;
  private newest: Certificate;

  constructor({ key, issuer, trust, certificate }: Credentials) {
    this.key = key;
    this.issuer = issuer;
    this.trust = trust;
    this.newest = certificate;
  }

  /** Whoever hands it on asks for it each time. */
  get certificate(): Certificate {
    return this.newest;
  }

  renew(certificate: Certificate): void {
    this.newest = certificate;
  }
}
