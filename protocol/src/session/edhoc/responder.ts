/**
 * The responder of EDHOC (RFC 9528 §5.2.3, §5.3.2, §5.4.3, §5.5.2): message_1 in, message_2 out, message_3 in,
 * message_4 out. Each step is a function from one state to the next; one that throws ends the exchange.
 */
import { encode } from '../../cbor/index.js';
import { agreementPublic } from '../../crypto/index.js';
import { SessionError } from '../../errors.js';
import { decryptMessage, encryptMessage, xor } from './cipher.js';
import type { Completed, Step } from './completed.js';
import {
  checkKey,
  checkProof,
  type CredentialOf,
  makeProof,
  type OwnCredential,
  type PeerCredential,
  sharedSecret,
} from './credential.js';
import {
  decodeMessage,
  decodeMessage1,
  decodePlaintext3,
  encodeIdentifier,
  encodeMessage2,
  encodePlaintext,
  type Method,
} from './messages.js';
import * as schedule from './schedule.js';
import { acceptSuite, type CipherSuite, ephemeralSecret } from './suites.js';

const NOTHING = new Uint8Array();

export interface ResponderOptions<Peer extends PeerCredential> {
  /** The one method that is taken. */
  readonly method: Method;
  /** The supported suites, each with the credential to use in it. */
  readonly credentials: ReadonlyMap<number, OwnCredential>;
  /** C_R */
  readonly connection: Uint8Array;
  readonly credentialOf: CredentialOf<Peer>;
  /** The ephemeral private key; random unless given. */
  readonly secret?: Uint8Array;
}

/** message_2 is out; nobody has proven anything yet. */
export interface AwaitingMessage3<Peer extends PeerCredential> {
  readonly state: 'awaiting message_3';
  readonly options: ResponderOptions<Peer>;
  readonly suite: CipherSuite;
  readonly secret: Uint8Array;
  readonly cI: Uint8Array;
  readonly th3: Uint8Array;
  readonly prk3e2m: Uint8Array;
}

/** @throws SessionError `session/message`, `session/suite` */
export function receiveMessage1<Peer extends PeerCredential>(
  options: ResponderOptions<Peer>,
  message1: Uint8Array,
): Step<AwaitingMessage3<Peer>> {
  const { method, credentials, connection } = options;
  const offer = decodeMessage1(message1);
  if (offer.method !== method) {
    throw new SessionError('session/message', `method ${offer.method} is not taken`, {
      method: offer.method,
    });
  }
  const suite = acceptSuite(offer.suites, [...credentials.keys()]);
  const own = credentials.get(suite.number);
  if (own === undefined) throw new SessionError('session/suite', `no credential for suite ${suite.number}`);
  checkKey(own.key, method, 'responder', suite);

  const secret = options.secret ?? ephemeralSecret(suite.curve);
  const gY = agreementPublic(suite.curve, secret);
  const th2 = schedule.transcript2(gY, message1);
  const prk2e = schedule.prk2e(th2, sharedSecret(suite.curve, secret, offer.gX));
  const gRX = own.key.kind === 'static-dh' ? sharedSecret(suite.curve, own.key.secret, offer.gX) : undefined;
  const prk3e2m = schedule.prk3e2m(prk2e, th2, gRX);
  const { idCred, cred } = own;
  const context2 = { connection: encodeIdentifier(connection), idCred, th: th2, cred, ead: NOTHING };
  const proof = makeProof(own.key, context2, (context, length) => schedule.mac2(prk3e2m, context, length));
  const plaintext2 = encodePlaintext({ connection, idCred, signatureOrMac: proof, ead: NOTHING });
  const ciphertext2 = xor(plaintext2, schedule.keystream2(prk2e, th2, plaintext2.length));
  const th3 = schedule.transcriptNext(th2, plaintext2, cred);
  return {
    next: { state: 'awaiting message_3', options, suite, secret, cI: offer.cI, th3, prk3e2m },
    message: encodeMessage2(gY, ciphertext2),
  };
}

/**
 * Takes message_3; the initiator has proven itself when this returns.
 * @throws SessionError `session/message`, `session/credential`, `session/proof`, `session/closed`, and what
 *   `credentialOf` throws
 */
export function receiveMessage3<Peer extends PeerCredential>(
  { options, suite, secret, cI, th3, prk3e2m }: AwaitingMessage3<Peer>,
  message3: Uint8Array,
): Step<Completed<Peer>> {
  const ciphertext3 = decodeMessage(message3, 'message_3');
  const plaintext3 = decryptMessage(schedule.messageKey3(prk3e2m, th3), ciphertext3);
  const { idCred, signatureOrMac, ead } = decodePlaintext3(plaintext3);

  const peer = options.credentialOf(idCred);
  checkKey(peer.key, options.method, 'initiator', suite);
  const gIY = peer.key.kind === 'static-dh' ? sharedSecret(suite.curve, secret, peer.key.x) : undefined;
  const prk4e3m = schedule.prk4e3m(prk3e2m, th3, gIY);
  const context3 = { idCred, th: th3, cred: peer.cred, ead };
  checkProof(
    peer.key,
    context3,
    (context, length) => schedule.mac3(prk4e3m, context, length),
    signatureOrMac,
  );

  const th4 = schedule.transcriptNext(th3, plaintext3, peer.cred);
  return {
    next: {
      state: 'completed',
      peer,
      connections: { initiator: cI, responder: options.connection },
      prkOut: schedule.prkOut(prk4e3m, th4),
    },
    message: encode(encryptMessage(schedule.messageKey4(prk4e3m, th4), NOTHING)),
  };
}
