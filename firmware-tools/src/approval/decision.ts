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
  KIND,
  type PrivateKey,
  readBody,
  RecordError,
  toBase64,
  toHex,
} from '@timeband/protocol';

export type DecisionKind = 'correct' | 'transfer' | 'enrol';

/** As the file has it: all bytes in base64. */
export interface DecisionFile {
  readonly kind: DecisionKind;
  readonly action: string;
  readonly approvals: readonly { readonly message: string }[];
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
  const { kind, action, approvals } = file ?? {};
  if (!isKind(kind) || typeof action !== 'string' || !Array.isArray(approvals))
    throw new DecisionError('it is none that bandctl draft wrote');
  const decision: DecisionFile = { kind, action, approvals };
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
export function describeDecision({ kind, action, approvals }: DecisionFile): string[] {
  const bytes = bytesOf(action);
  const given = approvals.map(({ message }): Approval => ({ by: 'certificate', message: bytesOf(message) }));
  try {
    const read = readBody(KIND[kind], approvedBody(bytes, given));
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
  return kind === 'correct' || kind === 'transfer' || kind === 'enrol';
}

function bytesOf(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new DecisionError('it is none that bandctl draft wrote');
  return new Uint8Array(Buffer.from(text, 'base64'));
}
