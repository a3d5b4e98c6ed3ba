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

/** What a device says first. */
export interface Introduction {
  readonly identity: Identity;
  /** What our clock document has to answer. */
  readonly clockNonce: Uint8Array;
}

/** @throws SmpError, LinkError, SessionError, CertificateError */
export async function identify(client: SessionClient, context: SyncContext): Promise<Introduction> {
  if (context.visit === undefined) {
    try {
      return await askWho(client);
    } catch (error) {
      if (!demandsSession(error)) throw error;
    }
  }
  const peer = await beginSession(client, context);
  const introduction = await askWho(client);
  const { identity } = introduction;
  if (identity.device !== peer.subject) {
    throw new CertificateError(
      'cert/shape',
      `${peer.subject} calls itself ${identity.device} in its session`,
    );
  }
  return introduction;
}

/** Both at once: every device has room for two requests (SPEC.md, SMP). */
async function askWho(client: SessionClient): Promise<Introduction> {
  const [identity, clockNonce] = await Promise.all([
    call(client, COMMAND.identity, undefined),
    call(client, COMMAND.clockNonce, undefined),
  ]);
  return { identity, clockNonce };
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
