/** A gateway as a reader meets it: a key, a certificate, and what it signs. */
import {
  type ClockDocument,
  issueCertificate,
  PrivateKey,
  type Role,
  signAck,
  signClock,
  type Ack,
} from '@timeband/protocol';

export const SITE = 'dahaiyang';
export const GATEWAY = 'gw-1';
const DAY_SECONDS = 86_400;

interface Claims {
  readonly site?: string;
  readonly role?: Role;
  /** Unix seconds; a day from now unless given. */
  readonly expires?: number;
}

export class TestGateway {
  readonly key = PrivateKey.generate();
  readonly certificate: Uint8Array;

  constructor(issuerKey: PrivateKey, { site = SITE, role = 'gateway', expires = 0 }: Claims = {}) {
    const now = Math.floor(Date.now() / 1_000);
    this.certificate = issueCertificate(issuerKey, {
      issuer: site,
      subject: GATEWAY,
      role,
      site,
      notBefore: now - DAY_SECONDS,
      expires: expires === 0 ? now + DAY_SECONDS : expires,
      key: this.key.publicKey,
    });
  }

  ack(logId: Uint8Array, upto: number, hash: Uint8Array, change: Partial<Ack> = {}): Uint8Array {
    return signAck(this.key, {
      logId,
      upto,
      hash,
      site: SITE,
      gateway: GATEWAY,
      revocations: 0,
      durability: 'box',
      ...change,
    });
  }

  clock(device: string, nonce: Uint8Array, change: Partial<ClockDocument> = {}): Uint8Array {
    return signClock(this.key, { device, nonce, site: SITE, gateway: GATEWAY, ...change });
  }
}
