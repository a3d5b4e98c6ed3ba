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
  equalBytes,
  type Erasure,
  erasureSubject,
  KIND,
  type PrivateKey,
  readBody,
  readErase,
  RecordError,
  toBase64,
  toHex,
} from '@timeband/protocol';

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
  if (!isKind(kind) || typeof action !== 'string' || !Array.isArray(approvals))
    throw new DecisionError('it is none that bandctl draft wrote');
  const about = kind === 'erase' ? { account, salt } : {};
  const decision: DecisionFile = { kind, action, approvals, ...about };
  describeDecision(decision);
  return decision;
}

/** Another operator's signature. Two of one key are one. */
export function signDecision(decision: DecisionFile, key: PrivateKey, site: string): DecisionFile {
  const approval = approve(key, site, bytesOf(decision.action));
  if (approval.by !== 'certificate') throw new TypeError('a key that signs no COSE');
  const message = toBase64(approval.message);
  return {
    ...decision,
    approvals: [...decision.approvals.filter((one) => one.message !== message), { message }],
  };
}

/** What it says, a line a field, for the one who is about to sign. @throws DecisionError */
export function describeDecision({ kind, action, approvals, account, salt }: DecisionFile): string[] {
  const bytes = bytesOf(action);
  const given = approvals.map(({ message }): Approval => ({ by: 'certificate', message: bytesOf(message) }));
  try {
    const body = approvedBody(bytes, given);
    if (kind === 'erase') return describeErasure(readErase(body).action, account, salt, approvals.length);
    const read = readBody(KIND[kind], body);
    if (!('value' in read) || !('action' in read.value)) throw new DecisionError(`it is no ${kind}`);
    const fields = Object.entries(read.value.action).filter(([, value]) => value !== undefined);
    return [
      `${kind} ${toHex(actionId(bytes)).slice(0, 16)}`,
      ...fields
        .filter(([name]) => name !== 'nonce')
        .map(([name, value]) => `  ${name}: ${shown(name, value)}`),
      `  approvals: ${approvals.length}`,
    ];
  } catch (error) {
    if (error instanceof CborError || error instanceof RecordError)
      throw new DecisionError(`it holds no ${kind}: ${error.message}`);
    throw error;
  }
}

/** What is replaced is known to the box by hash only; that it is all of one account’s is what the salt shows. */
function describeErasure(
  { at, pseudonym, records, root, subject }: Erasure,
  account: unknown,
  salt: unknown,
  approvals: number,
): string[] {
  if (typeof account !== 'string' || !equalBytes(subject, erasureSubject(bytesOf(salt), account)))
    throw new DecisionError('it names another account than it was made for');
  return [
    `erase ${toHex(root).slice(0, 16)}`,
    `  account: ${account}`,
    `  becomes: ${pseudonym}`,
    `  records: ${records}`,
    `  at: ${shown('at', at)}`,
    `  approvals: ${approvals}`,
  ];
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

function bytesOf(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new DecisionError('it is none that bandctl draft wrote');
  return new Uint8Array(Buffer.from(text, 'base64'));
}
