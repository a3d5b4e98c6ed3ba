/**
 * The initiator of EDHOC (RFC 9528 §5.2.2, §5.3.3, §5.4.2, §5.5.3): message_1 out, message_2 in, message_3 out,
 * message_4 in. Each step is a function from one state to the next; one that throws ends the exchange.
 */
import { encode } from '../../cbor/index.js';
import { agreementPublic } from '../../crypto/index.js';
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
  checkPlaintext4,
  decodeMessage,
  decodeMessage2,
  decodePlaintext2,
  encodeIdentifier,
  encodeMessage1,
  encodePlaintext,
  type Method,
} from './messages.js';
import * as schedule from './schedule.js';
import { type CipherSuite, cipherSuite, ephemeralSecret } from './suites.js';

const NO_EAD = new Uint8Array();

export interface InitiatorOptions<Peer extends PeerCredential> {
  readonly method: Method;
  /** SUITES_I, see {@link offerSuites}: the last one is selected. */
  readonly suites: readonly number[];
  /** C_I */
  readonly connection: Uint8Array;
  readonly own: OwnCredential;
  readonly credentialOf: CredentialOf<Peer>;
  /** The ephemeral private key; random unless given. */
  readonly secret?: Uint8Array;
}

/** message_1 is out. */
export interface AwaitingMessage2<Peer extends PeerCredential> {
  readonly state: 'awaiting message_2';
  readonly options: InitiatorOptions<Peer>;
  readonly suite: CipherSuite;
  readonly secret: Uint8Array;
  readonly message1: Uint8Array;
}

/** The responder has proven itself and message_3 is out: whether it knows the keys shows with message_4. */
export interface AwaitingMessage4<Peer> {
  readonly state: 'awaiting message_4';
  readonly th4: Uint8Array;
  readonly prk4e3m: Uint8Array;
  readonly completed: Completed<Peer>;
}

/** @throws SessionError `session/suite`, `session/credential` */
export function initiate<Peer extends PeerCredential>(
  options: InitiatorOptions<Peer>,
): Step<AwaitingMessage2<Peer>> {
  const { method, suites, connection: cI, own } = options;
  const suite = cipherSuite(suites.at(-1) ?? Number.NaN);
  checkKey(own.key, method, 'initiator', suite);
  const secret = options.secret ?? ephemeralSecret(suite.curve);
  const message = encodeMessage1({ method, suites, gX: agreementPublic(suite.curve, secret), cI });
  return { next: { state: 'awaiting message_2', options, suite, secret, message1: message }, message };
}

/**
 * Takes message_2; the responder has proven itself when this returns.
 * @throws SessionError `session/message`, `session/credential`, `session/proof`, `session/suite`, `session/closed`,
 *   and what `credentialOf` throws
 */
export function receiveMessage2<Peer extends PeerCredential>(
  { options, suite, secret, message1 }: AwaitingMessage2<Peer>,
  message2: Uint8Array,
): Step<AwaitingMessage4<Peer>> {
  const { method, own } = options;
  const { curve } = suite;
  const { gY, ciphertext } = decodeMessage2(message2);
  const th2 = schedule.transcript2(gY, message1);
  const prk2e = schedule.prk2e(th2, sharedSecret(curve, secret, gY));
  const plaintext2 = xor(ciphertext, schedule.keystream2(prk2e, th2, ciphertext.length));
  const { connection, idCred, signatureOrMac, ead } = decodePlaintext2(plaintext2);

  const peer = options.credentialOf(idCred);
  checkKey(peer.key, method, 'responder', suite);
  const gRX = peer.key.kind === 'static-dh' ? sharedSecret(curve, secret, peer.key.x) : undefined;
  const prk3e2m = schedule.prk3e2m(prk2e, th2, gRX);
  const context2 = { connection: encodeIdentifier(connection), idCred, th: th2, cred: peer.cred, ead };
  checkProof(
    peer.key,
    context2,
    (context, length) => schedule.mac2(prk3e2m, context, length),
    signatureOrMac,
  );

  const th3 = schedule.transcriptNext(th2, plaintext2, peer.cred);
  const gIY = own.key.kind === 'static-dh' ? sharedSecret(curve, own.key.secret, gY) : undefined;
  const prk4e3m = schedule.prk4e3m(prk3e2m, th3, gIY);
  const context3 = { idCred: own.idCred, th: th3, cred: own.cred, ead: NO_EAD };
  const proof = makeProof(own.key, context3, (context, length) => schedule.mac3(prk4e3m, context, length));
  const plaintext3 = encodePlaintext({ idCred: own.idCred, signatureOrMac: proof, ead: NO_EAD });
  const th4 = schedule.transcriptNext(th3, plaintext3, own.cred);
  const completed: Completed<Peer> = {
    state: 'completed',
    peer,
    connections: { initiator: options.connection, responder: connection },
    prkOut: schedule.prkOut(prk4e3m, th4),
  };
  return {
    next: { state: 'awaiting message_4', th4, prk4e3m, completed },
    message: encode(encryptMessage(schedule.messageKey3(prk3e2m, th3), plaintext3)),
  };
}

/**
 * Takes message_4, which proves that the responder has the keys.
 * @throws SessionError `session/message`, `session/proof`, `session/closed`
 */
export function receiveMessage4<Peer>(
  { th4, prk4e3m, completed }: AwaitingMessage4<Peer>,
  message4: Uint8Array,
): Completed<Peer> {
  const ciphertext = decodeMessage(message4, 'message_4');
  checkPlaintext4(decryptMessage(schedule.messageKey4(prk4e3m, th4), ciphertext));
  return completed;
}
