export {
  isSigning,
  issueCertificate,
  MAX_GATEWAY_SECONDS,
  readUnverifiedCertificate,
  ROLE,
  type Certificate,
  type CertificateClaims,
  type CertifiedKey,
  type DeviceCertificate,
  type MacKeyName,
  type Role,
  type UnverifiedCertificate,
} from './certificate.js';
export {
  openIssuerCertificate,
  openRootCertificate,
  TrustStore,
  type Authority,
  type CertificateDemand,
  type KeyInChain,
} from './trust-store.js';
