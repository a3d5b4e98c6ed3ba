/**
 * The device's part of a handshake, which the gateway asks for and in which the gateway proves itself first
 * (SPEC.md, Session): one transition for each request of command `handshake`.
 */
import type { Certificate, Role } from '../cwt/index.js';
import { SessionError } from '../errors.js';
import type { DeviceKey } from '../keys/index.js';
import type { HandshakeStep } from '../smp/index.js';
import {
  certifiedPeer,
  type CertifiedParty,
  type CertifiedPeer,
  METHOD,
  ownCredentials,
} from './certified.js';
import { SecureChannel } from './channel.js';
import {
  type AwaitingMessage2,
  type AwaitingMessage4,
  exporter,
  initiate,
  receiveMessage2,
  receiveMessage4,
} from './edhoc/index.js';
import {
  answerNonce,
  type AwaitingGatewayProof,
  checkGateway,
  macExporter,
  SESSION_NONCE_BYTES,
} from './mutual-mac.js';

/** C_I; links carry one handshake at a time, so it tells nothing apart. */
const CONNECTION = Uint8Array.of(0);

/** How a device proves itself: by a certificate whose key signs, or by the key it shares with its site's gateways. */
export type DeviceParty =
  ({ readonly method: 'edhoc' } & CertifiedParty) | { readonly method: 'mutualMac'; readonly key: DeviceKey };

export type DeviceHandshake =
  | { readonly state: 'idle' }
  | AwaitingMessage2<CertifiedPeer>
  | AwaitingMessage4<CertifiedPeer>
  | AwaitingGatewayProof;

/** Who is at the other end of a session. */
export interface SessionPeer {
  readonly subject: string;
  readonly role: Role;
  /** Absent where the peer proved itself by a shared key. */
  readonly certificate?: Certificate;
}

export interface Session {
  readonly channel: SecureChannel;
  readonly peer: SessionPeer;
}

export interface DeviceTransition {
  readonly next: DeviceHandshake;
  /** What to answer; nothing with the last step. */
  readonly message?: Uint8Array;
  /** The session that this step opened. */
  readonly session?: Session;
}

export const IDLE: DeviceHandshake = { state: 'idle' };

/**
 * One request's worth of a handshake. A step that names a method begins anew, whatever went before.
 * @throws SessionError; the handshake is then over
 */
export function advanceDevice(
  party: DeviceParty,
  handshake: DeviceHandshake,
  step: HandshakeStep,
): DeviceTransition {
  if ('method' in step) return begin(party, step.method, step.nonce);
  switch (handshake.state) {
    case 'idle':
      throw new SessionError('session/order', 'a message of a handshake that was not begun');
    case 'awaiting message_2':
      return receiveMessage2(handshake, step.message);
    case 'awaiting message_4': {
      const { peer, prkOut } = receiveMessage4(handshake, step.message);
      const { certificate } = peer;
      return {
        next: IDLE,
        session: {
          channel: new SecureChannel(exporter(prkOut), 'device'),
          peer: { subject: certificate.subject, role: certificate.role, certificate },
        },
      };
    }
    case 'awaiting proof': {
      const subject = checkGateway(handshake, step.message);
      const exported = macExporter(handshake.key, handshake.nonces);
      return {
        next: IDLE,
        session: { channel: new SecureChannel(exported, 'device'), peer: { subject, role: 'gateway' } },
      };
    }
  }
}

function begin(
  party: DeviceParty,
  method: DeviceParty['method'],
  nonce: Uint8Array | undefined,
): DeviceTransition {
  if (method !== party.method) {
    throw new SessionError('session/message', `this device begins no session by ${method}`, { method });
  }
  if (party.method === 'mutualMac') {
    if (nonce?.length !== SESSION_NONCE_BYTES) {
      throw new SessionError('session/message', `no nonce of ${SESSION_NONCE_BYTES} bytes`);
    }
    return answerNonce(party.key, nonce);
  }
  const [[suite, own] = []] = ownCredentials(party);
  if (suite === undefined || own === undefined)
    throw new SessionError('session/suite', 'no suite for this key');
  return initiate({
    method: METHOD,
    suites: [suite],
    connection: CONNECTION,
    own,
    credentialOf: certifiedPeer(party),
  });
}
