/** Who is at the other end of a link, through a session where the device demands one (SPEC.md, Session). */
import {
  call,
  CertificateError,
  COMMAND,
  demandsSession,
  type Identity,
  REFUSAL,
  type SessionClient,
  type SessionPeer,
} from '@timeband/protocol';
import type { SyncContext } from './context.js';
import { isRefusal } from './own-word.js';

/** @throws SmpError, LinkError, SessionError, CertificateError */
export async function identify(client: SessionClient, context: SyncContext): Promise<Identity> {
  if (context.visit === undefined) {
    try {
      return await call(client, COMMAND.identity, undefined);
    } catch (error) {
      if (!demandsSession(error)) throw error;
    }
  }
  const peer = await beginSession(client, context);
  const identity = await call(client, COMMAND.identity, undefined);
  if (identity.device !== peer.subject) {
    throw new CertificateError(
      'cert/shape',
      `${peer.subject} calls itself ${identity.device} in its session`,
    );
  }
  return identity;
}

/** By certificates; with a device that refuses these because it only MACs, by the key it shares with its site. */
async function beginSession(client: SessionClient, context: SyncContext): Promise<SessionPeer> {
  const { credentials, site, gateway, clock, deviceKeys } = context;
  const { key, certificate, trust } = credentials;
  try {
    return await client.beginCertified({
      key,
      certificate: certificate.bytes,
      verify: (bytes) => trust.verify(bytes, { roles: ['reader', 'band'], site, now: clock.now() }),
    });
  } catch (error) {
    if (!isRefusal(error, REFUSAL.notTrusted)) throw error;
    return await client.beginMutualMac(gateway, deviceKeys);
  }
}
