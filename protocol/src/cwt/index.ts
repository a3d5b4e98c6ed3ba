export {
  issueCertificate,
  openIssuerCertificate,
  readUnverifiedCertificate,
  ROLE,
  TrustStore,
  type Certificate,
  type CertificateClaims,
  type CertificateDemand,
  type Role,
} from './certificate.js';
