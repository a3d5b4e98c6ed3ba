/** The gateway's part of a handshake (SPEC.md, Session), and an SMP client that goes on in the session it opens. */
import { randomBytes } from '../crypto/index.js';
import { SessionError, SmpError } from '../errors.js';
import type { DeviceKey } from '../keys/index.js';
import type { Link } from '../link.js';
import { call, COMMAND, type HandshakeStep, RC, SmpClient, type SmpClientOptions } from '../smp/index.js';
import { certifiedPeer, type CertifiedParty, METHOD, ownCredentials } from './certified.js';
import { SecureChannel } from './channel.js';
import type { Session, SessionPeer } from './device.js';
import { encodeError, exporter, receiveMessage1, receiveMessage3 } from './edhoc/index.js';
import { SecureLink } from './link.js';
import { findDevice, macExporter, proveGateway, SESSION_NONCE_BYTES } from './mutual-mac.js';

/** C_R; links carry one handshake at a time, so it tells nothing apart. */
const CONNECTION = Uint8Array.of(1);

/** An SMP client whose requests are protected from when a session was opened. */
export class SessionClient extends SmpClient {
  private readonly secureLink: SecureLink;
  private openPeer: SessionPeer | undefined;

  constructor(link: Link, options: SmpClientOptions = {}) {
    const secureLink = new SecureLink(link);
    super(secureLink, options);
    this.secureLink = secureLink;
  }

  /** Who has proven to be at the other end. */
  get peer(): SessionPeer | undefined {
    return this.openPeer;
  }

  /**
   * Makes a session by EDHOC, as its responder.
   * @throws SessionError, SmpError, LinkError, CborError
   */
  async beginCertified(party: CertifiedParty): Promise<SessionPeer> {
    const credentials = ownCredentials(party);
    const message1 = await this.step({ method: 'edhoc' });
    try {
      const responder = {
        method: METHOD,
        credentials,
        connection: CONNECTION,
        credentialOf: certifiedPeer(party),
      } as const;
      const second = receiveMessage1(responder, message1);
      const message3 = await this.step({ message: second.message });
      const { next, message } = receiveMessage3(second.next, message3);
      await call(this, COMMAND.handshake, { message });
      const { certificate } = next.peer;
      const { subject, role } = certificate;
      return this.open({
        channel: new SecureChannel(exporter(next.prkOut), 'gateway'),
        peer: { subject, role, certificate },
      });
    } catch (error) {
      if (error instanceof SessionError) await this.tell(error, [...credentials.keys()]);
      throw error;
    }
  }

  /**
   * Makes a session with one of the devices that only MAC, by their keys.
   * @param gateway our own id
   * @throws SessionError, SmpError, LinkError, CborError
   */
  async beginMutualMac(gateway: string, keys: Iterable<DeviceKey>): Promise<SessionPeer> {
    const nonce = randomBytes(SESSION_NONCE_BYTES);
    const { key, nonces } = findDevice(keys, nonce, await this.step({ method: 'mutualMac', nonce }));
    await call(this, COMMAND.handshake, { message: proveGateway(key, nonces, gateway) });
    return this.open({
      channel: new SecureChannel(macExporter(key, nonces), 'gateway'),
      peer: { subject: key.device, role: 'band' },
    });
  }

  private open({ channel, peer }: Session): SessionPeer {
    this.secureLink.protect(channel);
    this.openPeer = peer;
    return peer;
  }

  private async step(step: HandshakeStep): Promise<Uint8Array> {
    const message = await call(this, COMMAND.handshake, step);
    if (message === undefined) throw new SessionError('session/message', 'an answer without a message');
    return message;
  }

  /** Lets the device know that nothing will come of it, if it still listens (RFC 9528 §6). */
  private async tell(error: SessionError, suites: readonly number[]): Promise<void> {
    if (error.code === 'session/closed') return;
    await call(this, COMMAND.handshake, { message: encodeError(error, suites) }).catch(() => undefined);
  }
}

/** Whether a request failed for want of a session: there was none yet, the device forgot it, or it is used up. */
export function demandsSession(error: unknown): boolean {
  if (error instanceof SessionError) return error.code === 'session/closed';
  return error instanceof SmpError && error.code === 'smp/device' && error.rc === RC.accessDenied;
}
