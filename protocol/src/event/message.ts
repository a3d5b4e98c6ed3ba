/**
 * What travels on an event topic: `[event, receipt]`, both as byte strings. The receipt is a COSE receipt
 * (RFC 9942): the gateway's signature over the root of the commit's Merkle tree, the root detached, with
 * the event's inclusion path. So each event verifies by itself although a commit is signed once.
 */
import { decodeStrict, encode, type CborValue } from '../cbor/index.js';
import { bytesLength, headLength, MAJOR, writeBytes, writeHead } from '../cbor/head.js';
import { concat, toHex } from '../bytes.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import type { Certificate } from '../cwt/index.js';
import { EventError, TimebandError } from '../errors.js';
import { HASH_BYTES } from '../log/chain.js';
import { decodeEvent, eventHash, type Event } from './event.js';
import { type MerkleTree, rootFromProof } from './merkle.js';
import { readInclusion, RECEIPT_HEADER, RFC9162_SHA256 } from './receipt-proofs.js';

/** The signature of one commit. */
export interface CommitSignature {
  readonly protectedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** Signs the root of a commit's tree. */
export function signCommit(key: PrivateKey, site: string, root: Uint8Array): CommitSignature {
  const message = decodeCose(
    sign1(key, externalAad('event', site), root, {
      protectedExtra: [[RECEIPT_HEADER.vds, RFC9162_SHA256]],
      detached: true,
    }),
  );
  return { protectedBytes: message.protectedBytes, signature: message.proof };
}

/**
 * The messages of a whole commit, in order. A commit's receipts differ in their inclusion paths only, and most of a
 * message is bytes that exist already, so all are put together in one array: this is the busiest place of a gateway.
 *
 * ```
 * [ bytes event, bytes ( 18([ bytes protected, {396: {-1: [ bytes [size, index, [hash …]] ]}}, null, bytes signature ]) ) ]
 * ```
 */
export function encodeCommit(
  events: readonly Uint8Array[],
  tree: MerkleTree,
  { protectedBytes, signature }: CommitSignature,
): Uint8Array[] {
  const before = concat(RECEIPT_HEAD, encode(protectedBytes), PROOF_HEAD);
  const after = concat(NO_PAYLOAD, encode(signature));
  let total = 0;
  const plans = events.map((event, index) => {
    const path = tree.path(index);
    const numbers = encode([tree.size, index]).subarray(1);
    const proofBytes = 1 + numbers.length + headLength(path.length) + path.length * bytesLength(HASH_BYTES);
    const receiptBytes = before.length + bytesLength(proofBytes) + after.length;
    const start = total;
    total += 1 + bytesLength(event.length) + bytesLength(receiptBytes);
    return { event, path, numbers, proofBytes, receiptBytes, start };
  });
  const out = new Uint8Array(total);
  return plans.map(({ event, path, numbers, proofBytes, receiptBytes, start }) => {
    let at = writeHead(out, start, MAJOR.array, 2);
    at = writeBytes(out, at, event);
    at = writeHead(out, at, MAJOR.bytes, receiptBytes);
    out.set(before, at);
    at = writeHead(out, at + before.length, MAJOR.bytes, proofBytes);
    at = writeHead(out, at, MAJOR.array, 3);
    out.set(numbers, at);
    at = writeHead(out, at + numbers.length, MAJOR.array, path.length);
    for (const hash of path) at = writeBytes(out, at, hash);
    out.set(after, at);
    return out.subarray(start, at + after.length);
  });
}

/** Tag 18, COSE_Sign1, and its array of four. */
const RECEIPT_HEAD = Uint8Array.of(0xd2, 0x84);
/** `{396: {-1: [` before the one proof. */
const PROOF_HEAD = Uint8Array.of(
  0xa1,
  0x19,
  RECEIPT_HEADER.vdp >> 8,
  RECEIPT_HEADER.vdp & 0xff,
  0xa1,
  0x20,
  0x81,
);
const NO_PAYLOAD = Uint8Array.of(0xf6);

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
        error.code.startsWith('cbor/') || error.code === 'receipt/shape' ? 'event/shape' : 'event/signature',
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
    if (receipt.protectedHeader.uint(RECEIPT_HEADER.vds) !== RFC9162_SHA256) {
      throw new EventError('event/signature', 'a receipt of another kind of tree');
    }
    const event = decodeEvent(bytes);
    if (event.site !== certificate.site || event.gateway !== certificate.subject) {
      throw new EventError('event/signature', 'the event names another gateway than the one that signed it');
    }
    const hash = eventHash(bytes);
    const root = rootFromProof(hash, readInclusion(receipt));
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
