/** Whom the gateway is talking to: an identity that a certificate proves (SPEC.md, Certificate, Log). */
import {
  type CertifiedKey,
  CoseError,
  type DeviceCertificate,
  type DeviceKey,
  equalBytes,
  genesisHash,
  type Identity,
  LogError,
  logIdOf,
  PublicKey,
  type TrustStore,
  CertificateError,
  type VerificationKey,
} from '@timeband/protocol';

/** A device whose certificate holds and whose log id follows from what it says of its log. */
export interface VerifiedDevice {
  readonly certificate: DeviceCertificate;
  /** What its seals are checked with. */
  readonly key: VerificationKey;
  readonly identity: Identity;
  /** `h(0)` of the log it keeps now. */
  readonly genesis: Uint8Array;
}

/** Keys of devices that only MAC, by device and thumbprint. */
export interface KnownDeviceKeys extends Iterable<DeviceKey> {
  readonly find: (device: string, thumbprint: Uint8Array) => DeviceKey | undefined;
}

/** What a device has to satisfy. `now` is Unix seconds, where the gateway's clock may be gone by. */
export interface DeviceDemand {
  readonly trust: TrustStore;
  readonly site: string;
  readonly now: number | undefined;
  readonly deviceKeys: KnownDeviceKeys;
}

/**
 * Checks what a device answered to `identity` against its certificate. Whether it holds the certified key shows
 * with its first seal. A revoked key is heard: what it still sends is kept for review.
 *
 * @throws CertificateError, LogError `log/genesis`, CoseError `cose/kid` for a device whose MAC key is not here
 */
export function verifyIdentity(
  identity: Identity,
  certificateBytes: Uint8Array,
  demand: DeviceDemand,
): VerifiedDevice {
  const { site } = demand;
  const { certificate, key } = verifyCertified(certificateBytes, demand);
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
  return { certificate, key, identity, genesis };
}

/** A device of this site by its certificate alone. @throws CertificateError, CoseError `cose/kid` as above */
export function verifyCertified(
  bytes: Uint8Array,
  { trust, site, now, deviceKeys }: DeviceDemand,
): Pick<VerifiedDevice, 'certificate' | 'key'> {
  const certificate = trust.verifyDevice(bytes, {
    ...{ roles: ['reader', 'band'], site, now, revoked: 'accept' },
  });
  return { certificate, key: keyOf(certificate, deviceKeys) };
}

function keyOf(
  { subject, thumbprint, key }: { subject: string; thumbprint: Uint8Array; key: CertifiedKey },
  deviceKeys: KnownDeviceKeys,
): VerificationKey {
  const known = key instanceof PublicKey ? key : deviceKeys.find(subject, thumbprint);
  if (known !== undefined) return known;
  throw new CoseError(
    'cose/kid',
    `${subject} only MACs, and its key is not in this gateway's file of device keys`,
  );
}
