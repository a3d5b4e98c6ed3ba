export { CertificateKeeper, RENEW_DAYS } from './certificate-keeper.js';
export {
  daysUntilEnd,
  isServerName,
  issueClientCertificate,
  namesOf,
  openCertificate,
  readTlsMaterial,
  renewServerCertificate,
  tlsFiles,
} from './site-certificates.js';
