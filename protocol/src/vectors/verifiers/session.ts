/** Handshakes with ephemeral keys that everybody knows, and what is said in a session (SPEC.md, Session). */
import { decryptCose0 } from '../../cose/index.js';
import { DeviceKey } from '../../keys/index.js';
import { certifiedPeer, METHOD, ownCredentials, type CertifiedParty } from '../../session/certified.js';
import { SecureChannel } from '../../session/channel.js';
import { advanceDevice, IDLE } from '../../session/device.js';
import {
  exporter,
  initiate,
  receiveMessage1,
  receiveMessage2,
  receiveMessage3,
  receiveMessage4,
} from '../../session/edhoc/index.js';
import { answerNonce, checkGateway, findDevice, macExporter } from '../../session/mutual-mac.js';
import type { Context } from '../context.js';
import { VectorFormatError } from '../format.js';
import { trustOf } from './trust.js';
import type { Verify } from './verify.js';

export const encrypt0: Verify = (bytes, context) =>
  decryptCose0({ key: context.bytes('key'), iv: context.bytes('iv') }, bytes, context.bytes('aad'));

/** A payload that the side in the context receives; `before` are those it opened earlier. */
export const sessionBody: Verify = (bytes, context) => {
  const side = context.text('side') === 'device' ? 'device' : 'gateway';
  const channel = new SecureChannel(exporter(context.bytes('prkOut')), side);
  const address = { op: context.number('op'), group: context.number('group'), id: context.number('id') };
  const { op } = address;
  if (op !== 0 && op !== 1 && op !== 2 && op !== 3) throw new VectorFormatError('not an operation of SMP');
  const request = context.optionalNumber('request');
  const open = (payload: Uint8Array) => channel.open({ ...address, op }, payload, request);
  if (context.has('before')) for (const earlier of context.bytesList('before')) open(earlier);
  return open(bytes);
};

/** A message of EDHOC by whom it is received; `context` has the ephemeral secret and the messages before. */
export const edhoc: Verify = (bytes, context) => {
  const party = partyOf(context);
  switch (context.text('step')) {
    case 'message_1':
      return { message2: receiveMessage1(responder(party, context), bytes).message };
    case 'message_2': {
      const { message, next } = receiveMessage2(begun(party, context), bytes);
      return { message3: message, peer: next.completed.peer.certificate.subject };
    }
    case 'message_3': {
      const { next } = receiveMessage1(responder(party, context), context.bytes('message1'));
      const { message, next: completed } = receiveMessage3(next, bytes);
      return { message4: message, peer: completed.peer.certificate.subject, prkOut: completed.prkOut };
    }
    case 'message_4': {
      const { next } = receiveMessage2(begun(party, context), context.bytes('message2'));
      return { prkOut: receiveMessage4(next, bytes).prkOut };
    }
    case 'unbegun':
      return advanceDevice({ method: 'edhoc', ...party }, IDLE, { message: bytes });
    default:
      throw new VectorFormatError(`no step "${context.text('step')}"`);
  }
};

/** The two messages of the handshake by MAC, each by whom it is received. */
export const macHandshake: Verify = (bytes, context) => {
  const gateway = context.bytes('nonce');
  const key = new DeviceKey(context.text('site'), context.text('device'), context.secret('key'));
  if (context.text('step') === 'answer') {
    const { key: found, nonces } = findDevice([key], gateway, bytes);
    return {
      device: found.device,
      nonce: nonces.device,
      exported: macExporter(found, nonces)(0, new Uint8Array(), 16),
    };
  }
  const { next } = answerNonce(key, gateway, context.bytes('deviceNonce'));
  return { gateway: checkGateway(next, bytes) };
};

function partyOf(context: Context): CertifiedParty {
  const trust = trustOf(context);
  const roles =
    context.text('step') === 'message_1' || context.text('step') === 'message_3'
      ? (['reader', 'band'] as const)
      : (['gateway', 'technician'] as const);
  return {
    key: context.privateKey('own'),
    certificate: context.bytes('certificate'),
    verify: (bytes) => trust.verify(bytes, { roles, site: context.text('site'), now: context.number('now') }),
  };
}

function responder(party: CertifiedParty, context: Context) {
  return {
    method: METHOD,
    credentials: ownCredentials(party),
    connection: Uint8Array.of(1),
    credentialOf: certifiedPeer(party),
    secret: context.bytes('ephemeral'),
  } as const;
}

/** An initiator that has sent message_1. */
function begun(party: CertifiedParty, context: Context) {
  const [[suite, own] = []] = ownCredentials(party);
  if (suite === undefined || own === undefined) throw new VectorFormatError('no suite for this key');
  const options = {
    method: METHOD,
    suites: [suite],
    connection: Uint8Array.of(0),
    own,
    credentialOf: certifiedPeer(party),
    secret: context.bytes('ephemeral'),
  } as const;
  return initiate(options).next;
}
