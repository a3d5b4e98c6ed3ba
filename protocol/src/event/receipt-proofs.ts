/** What a COSE receipt carries beside its signature: where in which tree (RFC 9942 §2, §5.2). */
import { decodeStrict, encode, entries, type CborMap, type CborValue, Fields } from '../cbor/index.js';
import type { CoseMessage } from '../cose/index.js';
import { ReceiptError } from '../errors.js';
import type { ConsistencyProof, InclusionProof } from './merkle.js';

/** Header parameters: the kind of tree (protected), and the proofs (unprotected). */
export const RECEIPT_HEADER = { vds: 395, vdp: 396 } as const;
/** The one kind of tree that we use: RFC9162_SHA256. */
export const RFC9162_SHA256 = 1;
/** Kinds of proofs of that tree. */
const PROOF = { inclusion: -1, consistency: -2 } as const;

/** The unprotected header with one inclusion proof. */
export function inclusionHeader({ treeSize, leafIndex, path }: InclusionProof): CborMap {
  return proofHeader(PROOF.inclusion, [treeSize, leafIndex, path]);
}

/** The unprotected header with one consistency proof. */
export function consistencyHeader({ earlierSize, laterSize, path }: ConsistencyProof): CborMap {
  return proofHeader(PROOF.consistency, [earlierSize, laterSize, path]);
}

/** The one inclusion proof of a receipt. @throws ReceiptError, CborError */
export function readInclusion(receipt: CoseMessage): InclusionProof {
  const [treeSize, leafIndex, path] = readProof(receipt, PROOF.inclusion);
  return { treeSize, leafIndex, path };
}

/** The one consistency proof of a receipt. @throws ReceiptError, CborError */
export function readConsistency(receipt: CoseMessage): ConsistencyProof {
  const [earlierSize, laterSize, path] = readProof(receipt, PROOF.consistency);
  return { earlierSize, laterSize, path };
}

function proofHeader(kind: number, proof: CborValue): CborMap {
  return entries([RECEIPT_HEADER.vdp, entries([kind, [encode(proof)]])]);
}

/** Both kinds are two counts and a path. */
function readProof(receipt: CoseMessage, kind: number): [number, number, readonly Uint8Array[]] {
  const proofs = Fields.of(receipt.unprotected.get(RECEIPT_HEADER.vdp), 'receipt').array(kind);
  if (proofs.length !== 1 || !(proofs[0] instanceof Uint8Array)) {
    throw new ReceiptError('receipt/shape', 'a receipt carries one proof');
  }
  const proof = decodeStrict(proofs[0]);
  const [first, second, path] = Array.isArray(proof) && proof.length === 3 ? (proof as CborValue[]) : [];
  if (!isCount(first) || !isCount(second) || !Array.isArray(path) || !path.every(isBytes)) {
    throw new ReceiptError('receipt/shape', 'a proof is two counts and a path of hashes');
  }
  return [first, second, path];
}

function isBytes(value: CborValue): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isCount(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
