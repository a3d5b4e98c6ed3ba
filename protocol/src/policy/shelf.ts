/**
 * The policy that is in force: of each key and type the document with the highest number, which never goes back
 * (SPEC.md, Policy). What has to survive a restart is small enough for a band.
 */
import { equalBytes, toHex } from '../bytes.js';
import type { CborValue } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { PolicyError } from '../errors.js';
import {
  POLICY_TYPE,
  readPolicyType,
  type PolicyContent,
  type PolicyDocument,
  type PolicyType,
} from './document.js';

/** How far one key has come with one type of policy. */
export interface PolicyMark {
  /** Key id, 8 bytes. */
  readonly signer: Uint8Array;
  readonly type: PolicyType;
  readonly number: number;
  /** First 16 bytes of the SHA-256 of the payload of that number. */
  readonly digest: Uint8Array;
}

interface Entry {
  readonly mark: PolicyMark;
  /** Absent when only its mark survived a restart. */
  readonly document: PolicyDocument | undefined;
}

const DIGEST_BYTES = 16;

export class PolicyShelf {
  private readonly entries = new Map<string, Entry>();

  /** @param marks what was persisted of an earlier shelf */
  constructor(marks: Iterable<PolicyMark> = []) {
    for (const mark of marks) this.entries.set(nameOf(mark.signer, mark.type), { mark, document: undefined });
  }

  /** What has to be persisted before a document is acted upon. */
  get marks(): readonly PolicyMark[] {
    return [...this.entries.values()].map(({ mark }) => mark);
  }

  /**
   * Takes a document that verified.
   * @returns whether it is new: the same document again is no error and changes nothing
   * @throws PolicyError `policy/rollback` below the number in force, `policy/refused` for another text under the same
   */
  put(document: PolicyDocument): 'new' | 'known' {
    const { signer, number, content, payload } = document;
    const mark = { signer, type: content.type, number, digest: policyDigest(payload) };
    const before = this.entries.get(nameOf(signer, content.type))?.mark;
    const detail = { type: content.type, number, inForce: before?.number };
    if (before !== undefined && number < before.number) {
      throw new PolicyError('policy/rollback', `number ${before.number} is in force, ${number} came`, detail);
    }
    const isSame = before?.number === number;
    if (isSame && !equalBytes(before.digest, mark.digest)) {
      throw new PolicyError('policy/refused', `two different documents of number ${number}`, detail);
    }
    this.entries.set(nameOf(signer, content.type), { mark, document });
    return isSame ? 'known' : 'new';
  }

  /** The number in force, 0 where there is none. */
  numberOf(signer: Uint8Array, type: PolicyType): number {
    return this.entries.get(nameOf(signer, type))?.mark.number ?? 0;
  }

  /** What a key says of a type, where its document is at hand. */
  find<Type extends PolicyType>(
    signer: Uint8Array,
    type: Type,
  ): Extract<PolicyContent, { type: Type }> | undefined {
    const content = this.entries.get(nameOf(signer, type))?.document?.content;
    return content === undefined || !isOfType(content, type) ? undefined : content;
  }

  /** The documents at hand. */
  get documents(): readonly PolicyDocument[] {
    return [...this.entries.values()].flatMap(({ document }) => document ?? []);
  }
}

/** What tells two texts of one number apart, 16 bytes. */
export function policyDigest(payload: Uint8Array): Uint8Array {
  return sha256(payload).subarray(0, DIGEST_BYTES);
}

/** Marks as a device keeps them: `[signer, type, number, digest]` each, 33 bytes at most. */
export function encodeMarks(marks: Iterable<PolicyMark>): CborValue {
  return Array.from(marks, ({ signer, type, number, digest }) => [signer, POLICY_TYPE[type], number, digest]);
}

/** Reads what {@link encodeMarks} wrote. @throws PolicyError `policy/shape` */
export function readMarks(value: CborValue | undefined): readonly PolicyMark[] {
  if (!Array.isArray(value)) throw new PolicyError('policy/shape', 'no list of marks');
  return (value as readonly CborValue[]).map(readMark);
}

function readMark(value: CborValue): PolicyMark {
  const [signer, type, number, digest] = Array.isArray(value) ? (value as readonly CborValue[]) : [];
  if (
    !(signer instanceof Uint8Array) ||
    typeof type !== 'number' ||
    typeof number !== 'number' ||
    !(digest instanceof Uint8Array)
  ) {
    throw new PolicyError('policy/shape', 'not a mark');
  }
  return { signer, type: readPolicyType(type), number, digest };
}

function nameOf(signer: Uint8Array, type: PolicyType): string {
  return `${toHex(signer)}/${type}`;
}

function isOfType<Type extends PolicyType>(
  content: PolicyContent,
  type: Type,
): content is Extract<PolicyContent, { type: Type }> {
  return content.type === type;
}
