/**
 * A grant: the issuer's one document by which a device comes to belong to a site. It holds everything that the device
 * has to know, and takes effect whole or not at all (SPEC.md, Grant).
 */
import { equalBytes } from '../bytes.js';
import { type CborMap, decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { type CoseMessage, decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import {
  type Certificate,
  type DeviceCertificate,
  openIssuerCertificate,
  openRootCertificate,
  TrustStore,
} from '../cwt/index.js';
import { ProvisioningError } from '../errors.js';
import { isId } from '../ids.js';
import { SECRET_BYTES } from '../keys/index.js';
import { provisioningErrors } from './errors.js';

export interface Grant {
  /** Of the hardware that it is for. */
  readonly serial: string;
  readonly site: string;
  /** The id that the device has from now on. */
  readonly device: string;
  /** Unix seconds: a clock that nobody has set begins there. */
  readonly at: number;
  /** What trust begins with: the issuer's certificate, then the root's where one certified it. */
  readonly anchors: readonly Uint8Array[];
  /** The device's own. */
  readonly certificate: Uint8Array;
  /** The key of a device that only MACs, 32 bytes. */
  readonly deviceKey?: Uint8Array | undefined;
  /** Policy documents in force, for the device as they are. */
  readonly policies?: readonly Uint8Array[] | undefined;
  /** Body of the enrolment that the device logs first, with its approvals. */
  readonly enrolment?: CborMap | undefined;
}

/** A grant that was checked, with whom it has the device believe. */
export interface OpenGrant extends Grant {
  readonly issuer: Certificate;
  readonly certified: DeviceCertificate;
}

export function signGrant(key: PrivateKey, grant: Grant): Uint8Array {
  const payload = encode(
    entries(
      [1, grant.serial],
      [2, grant.site],
      [3, grant.device],
      [4, grant.at],
      [5, grant.anchors],
      [6, grant.certificate],
      [7, grant.deviceKey],
      [8, grant.policies],
      [9, grant.enrolment],
    ),
  );
  return sign1(key, externalAad('grant', grant.site), payload);
}

/**
 * Opens a grant as the device that it is for: it is believed because a person stands behind the line, but has to agree
 * with itself and with the device. Whom it brings signed it, and certified the device's key for this site.
 *
 * @throws ProvisioningError `provisioning/refused`, `provisioning/shape`
 */
export function openGrant(
  bytes: Uint8Array,
  device: { readonly serial: string; readonly thumbprint: Uint8Array | undefined },
): OpenGrant {
  return provisioningErrors('a grant', () => {
    const message = decodeCose(bytes);
    const grant = readGrant(message);
    const { serial, site, device: subject, certificate } = grant;
    const { trust, issuer } = anchored(grant);
    verifySign1(message, issuer.key, externalAad('grant', site));
    if (serial !== device.serial) throw refused(`a grant for ${serial}`);
    const certified = trust.verifyDevice(certificate, { roles: ['reader', 'band'], site });
    if (certified.subject !== subject || issuer.site !== site)
      throw refused('a certificate of another device');
    if (device.thumbprint !== undefined && !equalBytes(certified.thumbprint, device.thumbprint)) {
      throw refused('a certificate of another key');
    }
    return { ...grant, issuer, certified };
  });
}

/** Whom the anchors of a grant let the device believe. @throws CertificateError, ProvisioningError */
function anchored({ anchors }: Grant): { readonly trust: TrustStore; readonly issuer: Certificate } {
  const [first, root] = anchors;
  if (first === undefined || anchors.length > 2)
    throw refused('no issuer, or more than an issuer and a root');
  if (root === undefined) {
    const issuer = openIssuerCertificate(first);
    return { trust: new TrustStore([issuer]), issuer };
  }
  const trust = new TrustStore([openRootCertificate(root)]);
  return { trust, issuer: trust.addIssuer(first) };
}

function readGrant({ payload = new Uint8Array() }: CoseMessage): Grant {
  const fields = Fields.of(decodeStrict(payload), 'grant');
  const [serial, site, device] = [fields.text(1), fields.text(2), fields.text(3)];
  for (const id of [serial, site, device]) if (!isId(id)) throw shape(`"${id}" is not an id`);
  const enrolment = fields.has(9) ? fields.get(9) : undefined;
  if (fields.has(9) && !(enrolment instanceof Map)) throw shape('an enrolment that is no map');
  return {
    ...{ serial, site, device },
    at: fields.uint(4),
    anchors: byteStrings(fields, 5),
    certificate: fields.bytes(6),
    deviceKey: fields.optionalBytes(7, SECRET_BYTES),
    policies: fields.has(8) ? byteStrings(fields, 8) : undefined,
    enrolment: enrolment as CborMap | undefined,
  };
}

function byteStrings(fields: Fields, key: number): Uint8Array[] {
  return fields.array(key).map((item) => {
    if (item instanceof Uint8Array) return item;
    throw shape(`field ${key} holds something else than bytes`);
  });
}

function refused(message: string): ProvisioningError {
  return new ProvisioningError('provisioning/refused', message);
}

function shape(message: string): ProvisioningError {
  return new ProvisioningError('provisioning/shape', `grant: ${message}`);
}
