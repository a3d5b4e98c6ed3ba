/** Credentials and the proofs made with their keys: Signature_or_MAC_2 and 3 (RFC 9528 §3.5, §5.3.2, §5.4.2). */
import { concat } from '../../bytes.js';
import { encode } from '../../cbor/index.js';
import {
  agree,
  type AgreementCurve,
  equalSecret,
  type PrivateKey,
  type PublicKey,
} from '../../crypto/index.js';
import { SessionError } from '../../errors.js';
import type { Method } from './messages.js';
import type { CipherSuite } from './suites.js';

/** Bytes of a MAC that is signed, and of one that is itself the proof. */
const SIGNED_MAC_BYTES = 32;
const STATIC_MAC_BYTES = 8;

/** How one side authenticates. */
export type OwnKey =
  | { readonly kind: 'signature'; readonly key: PrivateKey }
  /** A private key of 32 bytes on the suite's curve. */
  | { readonly kind: 'static-dh'; readonly secret: Uint8Array };

export type PeerKey =
  | { readonly kind: 'signature'; readonly key: PublicKey }
  /** x of a public key on the suite's curve, 32 bytes. */
  | { readonly kind: 'static-dh'; readonly x: Uint8Array };

export interface OwnCredential {
  /** ID_CRED_x: an encoded map of COSE header parameters. */
  readonly idCred: Uint8Array;
  /** CRED_x: one encoded CBOR item. */
  readonly cred: Uint8Array;
  readonly key: OwnKey;
}

/** What the application found for an ID_CRED_x, having checked all about it but that its holder is there. */
export interface PeerCredential {
  /** CRED_x: one encoded CBOR item, the same bytes that the peer uses. */
  readonly cred: Uint8Array;
  readonly key: PeerKey;
}

/** Finds the credential that an encoded ID_CRED_x names. @throws TimebandError when there is none to be trusted */
export type CredentialOf<Peer extends PeerCredential> = (idCred: Uint8Array) => Peer;

type Side = 'initiator' | 'responder';

/** What the method demands of a side (RFC 9528 §3.2). */
export function keyKind(method: Method, side: Side): OwnKey['kind'] {
  const signs = side === 'initiator' ? method < 2 : method % 2 === 0;
  return signs ? 'signature' : 'static-dh';
}

/** @throws SessionError `session/credential` for a key that does not do what method and suite demand of this side */
export function checkKey(key: OwnKey | PeerKey, method: Method, side: Side, suite: CipherSuite): void {
  if (key.kind !== keyKind(method, side)) {
    throw new SessionError(
      'session/credential',
      `method ${method} demands another kind of key of the ${side}`,
    );
  }
  if (key.kind === 'signature' && key.key.algorithm !== suite.signature) {
    throw new SessionError('session/credential', `a key that does not sign as suite ${suite.number} does`);
  }
}

/** @throws SessionError `session/message` for a peer's ephemeral key that is no point, or one of small order */
export function sharedSecret(curve: AgreementCurve, secret: Uint8Array, peer: Uint8Array): Uint8Array {
  try {
    return agree(curve, secret, peer);
  } catch {
    throw new SessionError('session/message', `not a public key on ${curve}`);
  }
}

/** What a proof is about. All but `th` is encoded CBOR. */
export interface ProofContext {
  /** C_R, in message_2 only. */
  readonly connection?: Uint8Array;
  readonly idCred: Uint8Array;
  readonly th: Uint8Array;
  readonly cred: Uint8Array;
  readonly ead: Uint8Array;
}

/** MAC_2 or MAC_3: so many bytes over a `context_x`. */
export type Mac = (context: Uint8Array, length: number) => Uint8Array;

/** `context_x`: what the MAC is over. */
export function macContext({ connection, idCred, th, cred, ead }: ProofContext): Uint8Array {
  return concat(connection ?? new Uint8Array(), idCred, encode(th), cred, ead);
}

/** What is signed: a `Sig_structure` (RFC 9052 §4.4) with ID_CRED_x as its protected header. */
export function signedContent({ idCred, th, cred, ead }: ProofContext, mac: Uint8Array): Uint8Array {
  return encode(['Signature1', idCred, concat(encode(th), cred, ead), mac]);
}

/** Signature_or_MAC_x of our own. */
export function makeProof(key: OwnKey, context: ProofContext, mac: Mac): Uint8Array {
  if (key.kind === 'static-dh') return mac(macContext(context), STATIC_MAC_BYTES);
  return key.key.sign(signedContent(context, mac(macContext(context), SIGNED_MAC_BYTES)));
}

/** @throws SessionError `session/proof` when Signature_or_MAC_x is not of the credential's holder */
export function checkProof(key: PeerKey, context: ProofContext, mac: Mac, signatureOrMac: Uint8Array): void {
  const holds =
    key.kind === 'static-dh'
      ? equalSecret(mac(macContext(context), STATIC_MAC_BYTES), signatureOrMac)
      : key.key.verify(signedContent(context, mac(macContext(context), SIGNED_MAC_BYTES)), signatureOrMac);
  if (!holds) throw new SessionError('session/proof', 'the peer does not prove that it holds its credential');
}
