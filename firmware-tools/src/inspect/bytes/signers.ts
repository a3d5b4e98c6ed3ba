/** Whose signatures can be checked: what a person handed over, and certificates that came with the bytes. */
import {
  type Certificate,
  type CoseMessage,
  externalAad,
  isSigning,
  openIssuerCertificate,
  openRootCertificate,
  type PublicKey,
  type Purpose,
  readUnverifiedCertificate,
  TimebandError,
  toHex,
  TrustStore,
  verifySign1,
} from '@timeband/protocol';
import { bad, good, unjudged, type Judgement } from './finding.js';

export interface Given {
  /** The site's issuer certificate. */
  readonly issuer?: Uint8Array | undefined;
  /** The city's root, where it certified the issuer. */
  readonly root?: Uint8Array | undefined;
  /** Certificates of whoever may have signed. */
  readonly certificates?: readonly Uint8Array[] | undefined;
  /** Unix seconds. */
  readonly now: number;
}

interface Signer {
  readonly key: PublicKey;
  readonly name: string;
}

export class Signers {
  /** Whom to believe; absent where nobody gave an issuer. */
  readonly trust: TrustStore | undefined;
  readonly issuer: Certificate | undefined;
  readonly now: number;
  private readonly byKid = new Map<string, Signer>();
  private readonly gateways: Certificate[] = [];

  /** @throws CertificateError for an issuer or root that is none */
  constructor({ issuer, root, certificates = [], now }: Given) {
    this.now = now;
    if (issuer !== undefined) {
      const city = root === undefined ? undefined : openRootCertificate(root);
      const trust = new TrustStore(city === undefined ? [] : [city]);
      this.issuer = city === undefined ? openIssuerCertificate(issuer) : trust.addIssuer(issuer);
      this.trust = city === undefined ? new TrustStore([this.issuer]) : trust;
      for (const { kid, key, subject, role } of city === undefined ? [this.issuer] : [this.issuer, city])
        this.byKid.set(toHex(kid), { key, name: `${subject}, ${role}` });
    }
    for (const bytes of certificates) this.learn(bytes);
  }

  /** Gateways among the certificates that verified. */
  get knownGateways(): readonly Certificate[] {
    return this.gateways;
  }

  /** Takes a certificate that came with the bytes. What it signed may be older than it is, so its validity is not looked at. */
  learn(bytes: Uint8Array): void {
    try {
      const { site, role } = readUnverifiedCertificate(bytes);
      const certificate = this.trust?.verifyDevice(bytes, { roles: [role], site, revoked: 'accept' });
      if (certificate === undefined || !isSigning(certificate)) return;
      this.byKid.set(toHex(certificate.kid), {
        key: certificate.key,
        name: `${certificate.subject}, ${role}`,
      });
      if (role === 'gateway') this.gateways.push(certificate);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
    }
  }

  /** Whether a certificate holds, now. */
  judge(bytes: Uint8Array): Judgement {
    try {
      const { site, role, kid } = readUnverifiedCertificate(bytes);
      if (this.trust === undefined) return unjudged('not verified: give the issuer (--issuer)');
      this.trust.verifyDevice(bytes, { roles: [role], site, now: this.now });
      const isAnchor = (role === 'issuer' || role === 'root') && this.byKid.has(toHex(kid));
      return good(isAnchor ? 'the one that you gave, in force' : 'certified by whom you believe, in force');
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return bad(error);
    }
  }

  /** Whether a message was signed for this purpose, at the issuer's site or another one. */
  verdict(message: CoseMessage, purpose: Purpose, site: string | undefined = this.issuer?.site): Judgement {
    const kid = toHex(message.kid);
    if (message.tag === 'mac0')
      return unjudged(`a MAC by key ${kid}: only its device and the gateways of its site can check it`);
    const signer = this.byKid.get(kid);
    if (signer === undefined || site === undefined) {
      const what = this.trust === undefined ? '--issuer, and ' : '';
      return unjudged(
        `signature by key ${kid} not checked: give ${what}the signer's certificate (--certificate)`,
      );
    }
    try {
      verifySign1(message, signer.key, externalAad(purpose, site));
      return good(`signed by ${signer.name}, as ${purpose} of ${site}`);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      return bad(error);
    }
  }
}
