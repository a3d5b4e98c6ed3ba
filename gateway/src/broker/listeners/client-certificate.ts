/** What a client's certificate (RFC 5280) says about who it is. */
import type { TLSSocket } from 'node:tls';

/** A certificate as a client has shown it; its private key was proven in the handshake. */
export interface ClientCertificate {
  /** Account that it names: in a URI `timeband:NAME` among its alternative names, or as its one common name. */
  readonly account: string | undefined;
  /** SHA-256 over its DER, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Why it is not to be believed; absent where the authority has certified it and it is good today. */
  readonly problem: string | undefined;
}

/** Nothing when the client has shown none. One that ended since the handshake has ended. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const hasEnded = Date.parse(certificate.validTo) <= Date.now();
  return {
    account: accountOf(certificate.subject, certificate.subjectAltName),
    fingerprint: fingerprintOf(certificate),
    problem: !socket.authorized
      ? String(socket.authorizationError)
      : hasEnded
        ? 'CERT_HAS_EXPIRED'
        : undefined,
  };
}

export function fingerprintOf({ fingerprint256 }: { readonly fingerprint256: string }): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

/**
 * @param subject a distinguished name, an attribute a line (RFC 2253 as Node.js writes it)
 * @param alternatives general names, separated by ", "
 */
export function accountOf(subject: string, alternatives: string | undefined): string | undefined {
  const uris = [...(alternatives ?? '').matchAll(/(?:^|, )URI:timeband:([a-z0-9-]+)(?=, |$)/g)];
  const names = subject.split('\n').flatMap((line) => (line.startsWith('CN=') ? [line.slice(3)] : []));
  const found = uris.length > 0 ? uris.map(([, name]) => name) : names;
  return found.length === 1 ? found[0] : undefined;
}
