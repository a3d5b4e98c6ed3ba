/** Who is at the other end of a link, through a session where the device demands one (SPEC.md, Session). */
import {
  call,
  CertificateError,
  COMMAND,
  demandsSession,
  type Identity,
  type SessionClient,
} from '@timeband/protocol';
import type { SyncContext } from './context.js';

/** @throws SmpError, LinkError, SessionError, CertificateError */
export async function identify(client: SessionClient, context: SyncContext): Promise<Identity> {
  if (context.visit === undefined) {
    try {
      return await call(client, COMMAND.identity, undefined);
    } catch (error) {
      if (!demandsSession(error)) throw error;
    }
  }
  const { key, certificate, trust } = context.credentials;
  const peer = await client.beginCertified({
    key,
    certificate: certificate.bytes,
    verify: (bytes) =>
      trust.verify(bytes, {
        roles: ['reader', 'band'],
        site: context.site,
        now: context.clock.now(),
      }),
  });
  const identity = await call(client, COMMAND.identity, undefined);
  if (identity.device !== peer.subject) {
    throw new CertificateError(
      'cert/shape',
      `${peer.subject} calls itself ${identity.device} in its session`,
    );
  }
  return identity;
}
