/** Devices with their keys, and a store that takes what they sealed: for tests of what comes after the verify step. */
import {
  type Certificate,
  chainHash,
  type DeviceTime,
  type Direction,
  encodeRecord,
  genesisHash,
  issueCertificate,
  KIND,
  type KnownProof,
  logIdOf,
  PrivateKey,
  punchBody,
  receiveRecord,
  signAnswer,
  signSeal,
  TrustStore,
  verifySealedRecords,
} from '@timeband/protocol';
import type { StoredLog } from '../store/index.js';

export const SITE = 'dahaiyang';
export const NOW = 1_800_000_000;
const time: DeviceTime = { quality: 'unset' };

export const issuer = PrivateKey.generate();
export const gatewayKey = PrivateKey.generate();
const readerKey = PrivateKey.generate();
export const trust = new TrustStore([issuer.publicKey]);
export const certify = (subject: string, role: 'gateway' | 'reader' | 'band', key: PrivateKey) =>
  trust.verify(
    issueCertificate(issuer, {
      issuer: SITE,
      subject,
      role,
      site: SITE,
      notBefore: NOW - 86_400,
      expires: NOW + 86_400,
      key: key.publicKey,
    }),
    { roles: [role], site: SITE },
  );
export const gateway = certify('gw-1', 'gateway', gatewayKey);
export const reader = certify('reader-1', 'reader', readerKey);
export const bandKey = PrivateKey.generate();
export const band = certify('band-7', 'band', bandKey);

export const TAG: KnownProof = { kind: 'uid', uid: Uint8Array.of(4, 3, 2, 1) };

export const nonceOf = (counter: number): Uint8Array => new Uint8Array(16).fill(counter);

/** What the band answers when the reader asks for the `counter`th time. */
export function answer(direction: Direction, counter: number): KnownProof {
  const challenge = { what: 'punch', challenger: 'reader-1', service: 101, direction } as const;
  const given = { ...challenge, nonce: nonceOf(counter), counter, sincePress: 1 };
  return { kind: 'answer', message: signAnswer(bandKey, SITE, given) };
}

/** A device's log as the gateway meets it. */
export class DeviceLog {
  readonly genesis: Uint8Array;
  readonly logId: Uint8Array;
  readonly records: Uint8Array[] = [];
  private acked = 0;

  constructor(
    readonly certificate: Certificate = reader,
    private readonly key = readerKey,
  ) {
    const { subject: device, thumbprint } = certificate;
    this.genesis = genesisHash({ site: SITE, device, thumbprint, epoch: 1 });
    this.logId = logIdOf(this.genesis);
  }

  punch(direction: Direction, uptime: number, proof = TAG): void {
    const seq = this.records.length + 1;
    const body = punchBody({ direction, service: 101, proof });
    this.records.push(
      encodeRecord({ kind: KIND.punch, seq, boot: 1, uptime, time, salt: new Uint8Array(8), body }),
    );
  }

  hash(upto: number): Uint8Array {
    return this.records.slice(0, upto).reduce(chainHash, this.genesis);
  }

  /** What the verify step makes of everything after `log.head`. */
  sealedAfter(log: StoredLog) {
    const nonce = new Uint8Array(16);
    const seal = signSeal(this.key, SITE, {
      logId: this.logId,
      first: this.acked + 1,
      last: this.records.length,
      hashBefore: this.hash(this.acked),
      hashLast: this.hash(this.records.length),
      nonce,
      boot: 1,
      uptime: 10_000,
      time,
    });
    const received = this.records.slice(log.head).map((bytes, i) => receiveRecord(bytes, log.head + 1 + i));
    this.acked = this.records.length;
    return verifySealedRecords(seal, this.certificate.key, SITE, nonce, log, received);
  }
}
