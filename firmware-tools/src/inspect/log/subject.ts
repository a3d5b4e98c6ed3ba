/** Whose log it is, and the key that seals it. */
import {
  call,
  COMMAND,
  genesisHash,
  type Identity,
  isSigning,
  type PublicKey,
  readUnverifiedCertificate,
  TimebandError,
} from '@timeband/protocol';
import type { Certificate, SmpClient } from '@timeband/protocol';
import { type CertificateInfo, examineCertificate } from '../info.js';

export interface LogSubject {
  readonly identity: Identity;
  readonly certificate: CertificateInfo;
  /** Absent where the certificate is none, or names a key that only MACs. */
  readonly key: PublicKey | undefined;
  readonly site: string | undefined;
  /** `h(0)`, where the certificate tells enough. */
  readonly genesis: Uint8Array | undefined;
}

export interface SubjectOptions {
  /** The site's issuer. Without it the certificate is believed for what it says, and said not to be verified. */
  readonly issuer?: Certificate | undefined;
  /** Unix seconds. */
  readonly now: () => number;
}

/** @throws SmpError, LinkError, CborError */
export async function askSubject(
  client: SmpClient,
  identity: Identity,
  { issuer, now }: SubjectOptions,
): Promise<LogSubject> {
  const bytes = await call(client, COMMAND.certificate, undefined);
  const certificate = examineCertificate(bytes, identity, issuer, now());
  try {
    const claims = readUnverifiedCertificate(bytes);
    const { site, thumbprint } = claims;
    const { device, epoch, previous } = identity;
    return {
      ...{ identity, certificate, site },
      key: isSigning(claims) ? claims.key : undefined,
      genesis: genesisHash({ site, device, thumbprint, epoch, previous }),
    };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { identity, certificate, key: undefined, site: undefined, genesis: undefined };
  }
}
