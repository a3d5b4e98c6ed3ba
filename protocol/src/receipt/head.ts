/**
 * Tree heads: a gateway's signed word on its whole event log, and the receipts made of one. A receipt is the head
 * itself with its root left out and a proof put in: it bears the signature of the head that everyone sees (RFC 9942;
 * SPEC.md, Log tree).
 */
import { concat } from '../bytes.js';
import { encode, entries, type CborMap } from '../cbor/index.js';
import { decodeCose, externalAad, sign1, verifySign1, type CoseMessage } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import type { Certificate } from '../cwt/index.js';
import { CoseError, ReceiptError } from '../errors.js';
import {
  type ConsistencyProof,
  type InclusionProof,
  rootFromConsistency,
  rootFromProof,
} from '../event/merkle.js';
import {
  consistencyHeader,
  inclusionHeader,
  readConsistency,
  readInclusion,
  RECEIPT_HEADER,
  RFC9162_SHA256,
} from '../event/receipt-proofs.js';
import { HASH_BYTES } from '../log/chain.js';
import { judge } from './judge.js';

/** CWT claims in the protected header (RFC 9597), and those that we use; site as in a certificate. */
const CWT_CLAIMS = 15;
const CLAIM = { iss: 1, iat: 6, site: -65_538, epoch: -65_539, size: -65_540 } as const;
const TAG_SIGN1 = Uint8Array.of(0xd2);

/** What a head says without its root. */
export interface HeadClaims {
  readonly site: string;
  readonly gateway: string;
  /** Epoch of the gateway's event log. */
  readonly epoch: number;
  /** Events in the tree: the epoch's first `size`. At least 1. */
  readonly size: number;
  /** Unix seconds. */
  readonly issued: number;
}

export interface TreeHead extends HeadClaims {
  /** Root of the tree, 32 bytes. */
  readonly root: Uint8Array;
}

/** Signs a head, about 190 bytes. */
export function signHead(key: PrivateKey, head: TreeHead): Uint8Array {
  const claims = entries(
    [CLAIM.iss, head.gateway],
    [CLAIM.iat, head.issued],
    [CLAIM.site, head.site],
    [CLAIM.epoch, head.epoch],
    [CLAIM.size, head.size],
  );
  return sign1(key, externalAad('head', head.site), head.root, {
    protectedExtra: [
      [CWT_CLAIMS, claims],
      [RECEIPT_HEADER.vds, RFC9162_SHA256],
    ],
  });
}

/** The claims of a head or receipt that nobody has verified. @throws CborError, ReceiptError */
export function readHeadClaims(message: CoseMessage): HeadClaims {
  const claims = message.protectedHeader.fields(CWT_CLAIMS);
  const size = claims.uint(CLAIM.size);
  if (size < 1 || size >= 2 ** 31) throw new ReceiptError('receipt/shape', 'a tree of no or too many events');
  return {
    site: claims.text(CLAIM.site),
    gateway: claims.text(CLAIM.iss),
    epoch: claims.uint(CLAIM.epoch),
    size,
    issued: claims.uint(CLAIM.iat),
  };
}

/**
 * Verifies a published head. The certificate must have come out of a trust store.
 * @throws ReceiptError `receipt/shape`, `receipt/signature`
 */
export function verifyHead(head: Uint8Array, certificate: Certificate): TreeHead {
  return judge(() => {
    const message = decodeCose(head);
    const root = message.payload;
    if (root?.length !== HASH_BYTES)
      throw new ReceiptError('receipt/shape', 'a head carries a root of 32 bytes');
    return verifyRoot(message, certificate, root, undefined);
  });
}

/** The receipt of inclusion under a head. The proof has to lead to its root. */
export function inclusionReceipt(head: Uint8Array, proof: InclusionProof): Uint8Array {
  return detach(head, inclusionHeader(proof));
}

/** The receipt of consistency of a head with an earlier one. */
export function consistencyReceipt(head: Uint8Array, proof: ConsistencyProof): Uint8Array {
  return detach(head, consistencyHeader(proof));
}

/** The head of the tree in which the receipt proves this leaf to be event number `seq`. @throws ReceiptError, CborError, CoseError */
export function verifyInclusionReceipt(
  message: CoseMessage,
  certificate: Certificate,
  leaf: Uint8Array,
  seq: number,
): TreeHead {
  const proof = readInclusion(message);
  const { size } = readHeadClaims(message);
  if (proof.treeSize !== size || proof.leafIndex !== seq - 1) {
    throw new ReceiptError(
      'receipt/proof',
      'the proof is for another place in the log, or for another head',
      {
        seq,
        size,
      },
    );
  }
  const root = rootFromProof(leaf, proof);
  if (root === undefined)
    throw new ReceiptError('receipt/proof', 'the proof is too short or too long for its place');
  return verifyRoot(message, certificate, root, root);
}

/**
 * Verifies that a later log begins with everything that an earlier head covers: nothing was taken out, changed or put
 * in between. `certificate` is that of the later head's signer, `earlier` was verified before.
 *
 * @returns the later head
 * @throws ReceiptError `receipt/proof` or `receipt/signature` when it is not an extension, `receipt/shape`
 */
export function verifyConsistency(
  earlier: TreeHead,
  receipt: Uint8Array,
  certificate: Certificate,
): TreeHead {
  return judge(() => {
    const message = decodeCose(receipt);
    const claims = readHeadClaims(message);
    if (
      claims.site !== earlier.site ||
      claims.gateway !== earlier.gateway ||
      claims.epoch !== earlier.epoch
    ) {
      throw new ReceiptError('receipt/proof', 'the two heads are of different logs');
    }
    const proof = readConsistency(message);
    if (proof.earlierSize !== earlier.size || proof.laterSize !== claims.size) {
      throw new ReceiptError('receipt/proof', 'the proof is between other heads');
    }
    const root = rootFromConsistency(earlier.root, proof);
    if (root === undefined) throw doesNotContinue('receipt/proof');
    try {
      return verifyRoot(message, certificate, root, root);
    } catch (error) {
      if (!(error instanceof CoseError) || error.code !== 'cose/signature') throw error;
      throw doesNotContinue('receipt/signature');
    }
  });
}

function doesNotContinue(code: 'receipt/proof' | 'receipt/signature'): ReceiptError {
  return new ReceiptError(code, 'the later log does not continue the earlier one');
}

/** `detached` is the root when the message leaves it out. */
function verifyRoot(
  message: CoseMessage,
  certificate: Certificate,
  root: Uint8Array,
  detached: Uint8Array | undefined,
): TreeHead {
  const claims = readHeadClaims(message);
  if (message.protectedHeader.uint(RECEIPT_HEADER.vds) !== RFC9162_SHA256) {
    throw new ReceiptError('receipt/shape', 'a receipt of another kind of tree');
  }
  if (claims.site !== certificate.site || claims.gateway !== certificate.subject) {
    throw new ReceiptError('receipt/signature', 'the head names another gateway than the one that signed it');
  }
  if (claims.issued < certificate.notBefore || claims.issued >= certificate.expires) {
    throw new ReceiptError(
      'receipt/signature',
      'the head was signed outside the validity of its certificate',
    );
  }
  verifySign1(message, certificate.key, externalAad('head', claims.site), detached);
  return { ...claims, root };
}

function detach(head: Uint8Array, proofs: CborMap): Uint8Array {
  const { protectedBytes, proof: signature } = decodeCose(head);
  return concat(TAG_SIGN1, encode([protectedBytes, proofs, null, signature]));
}
