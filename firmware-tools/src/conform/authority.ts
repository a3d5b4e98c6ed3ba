/** Gateways of the device's site, and others that pass themselves off as such: made from the issuer's key. */
import {
  type Ack,
  type CertifiedParty,
  type ClockDocument,
  issueCertificate,
  type PolicyDraft,
  PrivateKey,
  type Role,
  signAck,
  signClock,
  signPolicy,
  TrustStore,
} from '@timeband/protocol';
import type { Issuer } from './subject.js';

const DAY_SECONDS = 86_400;

export interface GatewayClaims {
  readonly id?: string;
  readonly site?: string;
  readonly role?: Role;
  /** Unix seconds. */
  readonly notBefore?: number;
  readonly expires?: number;
  /** Who certifies it; the site's issuer otherwise. */
  readonly by?: PrivateKey;
}

export class Authority {
  constructor(
    private readonly issuer: Issuer,
    private readonly now: () => number,
  ) {}

  get site(): string {
    return this.issuer.site;
  }

  get key(): PrivateKey {
    return this.issuer.key;
  }

  gateway(claims: GatewayClaims = {}): Gateway {
    const { id = 'conform-gateway', site = this.site, role = 'gateway', by = this.key } = claims;
    const { notBefore = this.now() - DAY_SECONDS, expires = this.now() + DAY_SECONDS } = claims;
    const key = PrivateKey.generate(this.key.algorithm);
    const certificate = issueCertificate(by, {
      ...{ issuer: this.issuer.name, subject: id, role, site, notBefore, expires, key: key.publicKey },
    });
    return new Gateway(key, certificate, id, site, expires);
  }

  /** A stranger of the same algorithm. */
  stranger(): PrivateKey {
    return PrivateKey.generate(this.key.algorithm);
  }

  policy(number: number, draft: PolicyDraft, by: PrivateKey = this.key): Uint8Array {
    return signPolicy(by, { number, issued: this.now(), site: this.site }, draft);
  }

  /** A gateway's part of a session. */
  party({ key, certificate }: Pick<Gateway, 'key' | 'certificate'>): CertifiedParty {
    const trust = new TrustStore([this.key.publicKey]);
    const { site } = this;
    return { key, certificate, verify: (bytes) => trust.verify(bytes, { roles: ['reader', 'band'], site }) };
  }
}

export class Gateway {
  constructor(
    readonly key: PrivateKey,
    readonly certificate: Uint8Array,
    readonly id: string,
    readonly site: string,
    /** Unix seconds. */
    readonly expires: number,
  ) {}

  ack(fields: Pick<Ack, 'logId' | 'upto' | 'hash'>, change: Partial<Ack> = {}): Uint8Array {
    const { key, site, id: gateway } = this;
    return signAck(key, { ...fields, site, gateway, revocations: 0, durability: 'box', ...change });
  }

  clock(
    fields: Pick<ClockDocument, 'device' | 'nonce' | 'wall'>,
    change: Partial<ClockDocument> = {},
  ): Uint8Array {
    const { key, site, id: gateway } = this;
    return signClock(key, { ...fields, site, gateway, ...change });
  }
}

/** The same bytes with the last one wrong: a signature that does not hold. */
export function spoiled(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}
