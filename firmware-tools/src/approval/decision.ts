/**
 * What operators decide and approve, as a file that goes from one to the next: made at any machine, signed by each with a key
 * of her own, brought to the gateway by whoever (its HTTP API takes it as it is).
 */
import {
  actionId,
  type Approval,
  approve,
  approvedBody,
  CborError,
  type Correction,
  decodeCose,
  type Enrolment,
  equalBytes,
  type Erasure,
  erasureSubject,
  externalAad,
  keyId,
  KIND,
  type PrivateKey,
  readBody,
  readErase,
  RecordError,
  TimebandError,
  toBase64,
  toHex,
  type Transfer,
  verifySign1,
} from '@timeband/protocol';

/** SPEC.md, Approvals. */
const MOST_APPROVALS = 4;

export type DecisionKind = 'correct' | 'transfer' | 'enrol' | 'erase';

/** As the file has it: all bytes in base64. */
export interface DecisionFile {
  readonly kind: DecisionKind;
  readonly action: string;
  readonly approvals: readonly { readonly message: string }[];
  /** Of an erasure: whose records they are, and by which salt it is named. */
  readonly account?: string | undefined;
  readonly salt?: string | undefined;
}

/** A file that holds no decision; the message is for whoever has it. */
export class DecisionError extends Error {
  override readonly name = 'DecisionError';
}

export function decisionOf(kind: DecisionKind, action: Uint8Array): DecisionFile {
  return { kind, action: toBase64(action), approvals: [] };
}

/** @throws DecisionError */
export function parseDecision(text: string): DecisionFile {
  let file: Partial<DecisionFile> | null;
  try {
    file = JSON.parse(text) as Partial<DecisionFile> | null;
  } catch (error) {
    throw new DecisionError(`it is not JSON: ${(error as Error).message}`);
  }
  const { kind, action, approvals, account, salt } = file ?? {};
  if (!isKind(kind) || typeof action !== 'string' || !isApprovals(approvals))
    throw new DecisionError('it is none that bandctl draft wrote');
  const about = kind === 'erase' ? { account, salt } : {};
  const decision: DecisionFile = { kind, action, approvals, ...about };
  readDecision(decision);
  return decision;
}

/**
 * Another operator's signature. Two of one key are one: who signed it before changes nothing.
 * @throws DecisionError where there is no room for another
 */
export function signDecision(decision: DecisionFile, key: PrivateKey, site: string): DecisionFile {
  const action = bytesOf(decision.action);
  if (holdsApproval(decision, key, site)) return decision;
  const { approvals } = decision;
  const others = approvals.filter(({ message }) => signerOf(message) !== toHex(keyId(key.publicKey)));
  if (others.length >= MOST_APPROVALS)
    throw new DecisionError(`it has ${MOST_APPROVALS} signatures already, and takes no more`);
  const approval = approve(key, site, action);
  if (approval.by !== 'certificate') throw new TypeError('a key that signs no COSE');
  return { ...decision, approvals: [...others, { message: toBase64(approval.message) }] };
}

/** Key ids, in hexadecimal, of those who signed it; whose they are and whether they hold, the box says. */
export function signersOf({ approvals }: DecisionFile): ReadonlySet<string> {
  return new Set(approvals.map(({ message }) => signerOf(message)));
}

/** What is decided, each kind with its own fields. */
export type ReadDecision =
  | { readonly kind: 'correct'; readonly action: Correction }
  | { readonly kind: 'transfer'; readonly action: Transfer }
  | { readonly kind: 'enrol'; readonly action: Enrolment }
  | { readonly kind: 'erase'; readonly action: Erasure };

/** @throws DecisionError */
export function readDecision({ kind, action, approvals, account, salt }: DecisionFile): ReadDecision {
  const given = approvals.map(({ message }): Approval => ({ by: 'certificate', message: bytesOf(message) }));
  try {
    const body = approvedBody(bytesOf(action), given);
    if (kind === 'erase') {
      const erasure = readErase(body).action;
      // What is replaced is known to the box by hash only; that it is all of one account’s is what the salt shows.
      if (typeof account === 'string' && equalBytes(erasure.subject, erasureSubject(bytesOf(salt), account)))
        return { kind, action: erasure };
      throw new DecisionError('it names another account than it was made for');
    }
    const read = readBody(KIND[kind], body);
    if (read.kind === 'correct') return { kind: read.kind, action: read.value.action };
    if (read.kind === 'transfer') return { kind: read.kind, action: read.value.action };
    if (read.kind === 'enrol') return { kind: read.kind, action: read.value.action };
    throw new DecisionError(`it is no ${kind}`);
  } catch (error) {
    if (error instanceof CborError || error instanceof RecordError)
      throw new DecisionError(`it holds no ${kind}: ${error.message}`);
    throw error;
  }
}

/** What it says, a line a field, for the one who is about to sign. @throws DecisionError */
export function describeDecision(decision: DecisionFile): string[] {
  const { approvals, account = '' } = decision;
  const read = readDecision(decision);
  if (read.kind === 'erase') return describeErasure(read.action, account, approvals.length);
  const fields = Object.entries(read.action).filter(([, value]) => value !== undefined);
  return [
    `${read.kind} ${toHex(actionId(bytesOf(decision.action))).slice(0, 16)}`,
    ...fields.filter(([name]) => name !== 'nonce').map(([name, value]) => `  ${name}: ${shown(name, value)}`),
    `  approvals: ${approvals.length}`,
  ];
}

function describeErasure(
  { at, pseudonym, records, root }: Erasure,
  account: string,
  approvals: number,
): string[] {
  return [
    `erase ${toHex(root).slice(0, 16)}`,
    `  account: ${account}`,
    `  becomes: ${pseudonym}`,
    `  records: ${records}`,
    `  at: ${shown('at', at)}`,
    `  approvals: ${approvals}`,
  ];
}

/** Whether a key's own signature is there and holds. */
function holdsApproval({ action, approvals }: DecisionFile, key: PrivateKey, site: string): boolean {
  return approvals.some(({ message }) => {
    if (signerOf(message) !== toHex(keyId(key.publicKey))) return false;
    try {
      verifySign1(decodeCose(bytesOf(message)), key.publicKey, externalAad('approve', site), bytesOf(action));
      return true;
    } catch (error) {
      if (error instanceof TimebandError) return false;
      throw error;
    }
  });
}

/** Of whoever signed it, in hexadecimal; itself where it is no message. */
function signerOf(message: string): string {
  try {
    return toHex(decodeCose(bytesOf(message)).kid);
  } catch (error) {
    if (error instanceof TimebandError) return message;
    throw error;
  }
}

const TIMES: readonly string[] = ['at', 'started', 'ended'];

function shown(name: string, value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'number' && TIMES.includes(name)) return new Date(value * 1_000).toISOString();
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${inner instanceof Uint8Array ? toHex(inner) : String(inner)}`)
      .join(', ');
  return String(value);
}

function isKind(kind: unknown): kind is DecisionKind {
  return kind === 'correct' || kind === 'transfer' || kind === 'enrol' || kind === 'erase';
}

function isApprovals(value: unknown): value is DecisionFile['approvals'] {
  const isOne = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && 'message' in one && typeof one.message === 'string';
  return Array.isArray(value) && value.every(isOne);
}

function bytesOf(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new DecisionError('it is none that bandctl draft wrote');
  return new Uint8Array(Buffer.from(text, 'base64'));
}
