/**
 * What travels on an event topic: `[event, receipt]`, both as byte strings. The receipt is a COSE receipt
 * (RFC 9942): the gateway's signature over the root of the commit's Merkle tree, the root detached, with
 * the event's inclusion path. So each event verifies by itself although a commit is signed once.
 */
import { decodeStrict, encode, entries, type CborValue, Fields } from '../cbor/index.js';
import { toHex } from '../bytes.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import type { Certificate } from '../cwt/index.js';
import { EventError, TimebandError } from '../errors.js';
import { decodeEvent, eventHash, type Event } from './event.js';
import { type InclusionProof, type MerkleTree, rootFromProof } from './merkle.js';

/** Header parameters and values of receipts (RFC 9942 §2, §5.2). */
const HEADER = { vds: 395, vdp: 396 } as const;
const VDS_RFC9162_SHA256 = 1;
const INCLUSION = -1;

/** The signature of one commit. */
export interface CommitSignature {
  readonly protectedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** Signs the root of a commit's tree. */
export function signCommit(key: PrivateKey, site: string, root: Uint8Array): CommitSignature {
  const message = decodeCose(
    sign1(key, externalAad('event', site), root, {
      protectedExtra: [[HEADER.vds, VDS_RFC9162_SHA256]],
      detached: true,
    }),
  );
  return { protectedBytes: message.protectedBytes, signature: message.proof };
}

/** The messages of a whole commit, in order. */
export function encodeCommit(
  events: readonly Uint8Array[],
  tree: MerkleTree,
  commit: CommitSignature,
): Uint8Array[] {
  return events.map((event, index) => encode([event, encodeReceipt(tree, index, commit)]));
}

function encodeReceipt(
  tree: MerkleTree,
  index: number,
  { protectedBytes, signature }: CommitSignature,
): Uint8Array {
  const proof = encode([tree.size, index, tree.path(index)]);
  const unprotected = entries([HEADER.vdp, entries([INCLUSION, [proof]])]);
  const body = encode([protectedBytes, unprotected, null, signature]);
  const receipt = new Uint8Array(body.length + 1);
  receipt[0] = 0xd2; // tag 18, COSE_Sign1
  receipt.set(body, 1);
  return receipt;
}

/** An event whose receipt verified. */
export interface VerifiedEvent {
  readonly event: Event;
  /** Hash of the event's bytes: what the next event names as the one before it. */
  readonly hash: Uint8Array;
  /** Id of the gateway key that signed. */
  readonly signer: Uint8Array;
}

/** Signatures remembered per verifier: a commit's events share one. */
const REMEMBERED = 64;

/** Verifies event messages against gateway certificates that were checked beforehand. */
export class EventVerifier {
  private readonly certificates = new Map<string, Certificate>();
  /** `protected ‖ signature` of commits that verified, and the root they sign. */
  private readonly commits = new Map<string, string>();

  /** Believes a gateway. The certificate must have come out of a TrustStore. */
  trust(certificate: Certificate): void {
    this.certificates.set(toHex(certificate.kid), certificate);
  }

  /** @throws EventError `event/signature`, `event/shape` */
  verify(message: Uint8Array): VerifiedEvent {
    try {
      return this.open(message);
    } catch (error) {
      if (!(error instanceof TimebandError) || error instanceof EventError) throw error;
      throw new EventError(
        error.code.startsWith('cbor/') ? 'event/shape' : 'event/signature',
        error.message,
        {
          cause: error.code,
        },
      );
    }
  }

  private open(message: Uint8Array): VerifiedEvent {
    const parts = decodeStrict(message);
    if (!Array.isArray(parts) || parts.length !== 2)
      throw new EventError('event/shape', 'not [event, receipt]');
    const [bytes, receiptBytes] = parts as CborValue[];
    if (!(bytes instanceof Uint8Array) || !(receiptBytes instanceof Uint8Array)) {
      throw new EventError('event/shape', 'event or receipt is not bytes');
    }
    const receipt = decodeCose(receiptBytes);
    // Before the cache: a receipt must not be judged by whether its commit was seen before.
    if (receipt.tag !== 'sign1' || receipt.payload !== undefined) {
      throw new EventError('event/shape', 'a receipt is a signature with its payload detached');
    }
    const certificate = this.certificates.get(toHex(receipt.kid));
    if (certificate === undefined) {
      throw new EventError('event/signature', 'signed by a gateway we do not know', {
        kid: toHex(receipt.kid),
      });
    }
    if (receipt.protectedHeader.uint(HEADER.vds) !== VDS_RFC9162_SHA256) {
      throw new EventError('event/signature', 'a receipt of another kind of tree');
    }
    const event = decodeEvent(bytes);
    if (event.site !== certificate.site || event.gateway !== certificate.subject) {
      throw new EventError('event/signature', 'the event names another gateway than the one that signed it');
    }
    const hash = eventHash(bytes);
    const root = rootFromProof(hash, readProof(receipt.unprotected.get(HEADER.vdp)));
    if (root === undefined) throw new EventError('event/signature', 'the inclusion path is impossible');
    const commit = `${toHex(receipt.protectedBytes)}.${toHex(receipt.proof)}`;
    const rootHex = toHex(root);
    if (this.commits.get(commit) !== rootHex) {
      verifySign1(receipt, certificate.key, externalAad('event', certificate.site), root);
      this.remember(commit, rootHex);
    }
    return { event, hash, signer: receipt.kid };
  }

  private remember(commit: string, root: string): void {
    if (this.commits.size >= REMEMBERED) {
      for (const oldest of this.commits.keys()) {
        this.commits.delete(oldest);
        break;
      }
    }
    this.commits.set(commit, root);
  }
}

function readProof(vdp: CborValue | undefined): InclusionProof {
  const proofs = Fields.of(vdp, 'receipt').array(INCLUSION);
  if (proofs.length !== 1 || !(proofs[0] instanceof Uint8Array)) {
    throw new EventError('event/shape', 'a receipt carries one inclusion proof');
  }
  const proof = decodeStrict(proofs[0]);
  const [treeSize, leafIndex, path] =
    Array.isArray(proof) && proof.length === 3 ? (proof as CborValue[]) : [];
  if (
    !isCount(treeSize) ||
    !isCount(leafIndex) ||
    !Array.isArray(path) ||
    !path.every((hash) => hash instanceof Uint8Array)
  ) {
    throw new EventError('event/shape', 'an inclusion proof is [size, index, path]');
  }
  return { treeSize, leafIndex, path: path };
}

function isCount(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
