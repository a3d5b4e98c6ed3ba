/** The published vectors' files: what a case is, and reading one from JSON that nobody has looked at yet. */
import { fromHex } from '../bytes.js';
import { uncommented } from '../cbor-text/index.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** A published key. Numbers are those of COSE (RFC 9053); byte strings are hexadecimal. */
export interface VectorKey {
  readonly algorithm: number;
  /** Ed25519 seed, P-256 scalar or HMAC key, 32 bytes. */
  readonly secret: string;
  /** The public key's coordinates; none for a symmetric key. */
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  /** RFC 9679, SHA-256. */
  readonly thumbprint: string;
}

/** One byte string and what a receiver makes of it. */
export interface VectorCase {
  readonly name: string;
  /** Commented hexadecimal: what follows a `#` is comment, blanks mean nothing. */
  readonly bytes: readonly string[];
  /** `valid`, or the code of the error. */
  readonly verdict: string;
  /** What the bytes say, where they are valid. Byte strings are text `h'…'`, absent fields are left out. */
  readonly decoded?: Json | undefined;
  /** What the receiver knows or expects. Keys are named as in the file. */
  readonly context?: JsonObject | undefined;
  /** The rule of timeband.cddl that the bytes are of. */
  readonly cddl?: string | undefined;
}

export interface VectorFile {
  /** What the bytes are, and so which check is made of them. */
  readonly structure: string;
  /** Section of SPEC.md. */
  readonly section: string;
  readonly about: string;
  readonly warning?: string | undefined;
  readonly keys?: Readonly<Record<string, VectorKey>> | undefined;
  readonly cases: readonly VectorCase[];
}

/** A file of vectors that is none. Not an error of the protocol: nothing on a wire raises it. */
export class VectorFormatError extends Error {
  override readonly name = 'VectorFormatError';
}

/** The bytes of a case. @throws VectorFormatError */
export function bytesOf({ name, bytes }: Pick<VectorCase, 'name' | 'bytes'>): Uint8Array {
  try {
    return fromHex(uncommented(bytes));
  } catch {
    throw new VectorFormatError(`"${name}": bytes that are not hexadecimal`);
  }
}

/** Reads what `JSON.parse` gave. @throws VectorFormatError */
export function parseVectorFile(json: unknown): VectorFile {
  const file = objectOf(json, 'a file of vectors');
  return {
    structure: textOf(file['structure'], 'structure'),
    section: textOf(file['section'], 'section'),
    about: textOf(file['about'], 'about'),
    warning: file['warning'] === undefined ? undefined : textOf(file['warning'], 'warning'),
    keys: file['keys'] === undefined ? undefined : keysOf(file['keys']),
    cases: listOf(file['cases'], 'cases').map(caseOf),
  };
}

function keysOf(json: unknown): Record<string, VectorKey> {
  return Object.fromEntries(
    Object.entries(objectOf(json, 'keys')).map(([name, value]) => {
      const key = objectOf(value, `key ${name}`);
      const algorithm = key['algorithm'];
      if (typeof algorithm !== 'number') throw new VectorFormatError(`key ${name}: no algorithm`);
      const optional = (field: string): string | undefined =>
        key[field] === undefined ? undefined : textOf(key[field], `key ${name}: ${field}`);
      return [
        name,
        {
          algorithm,
          secret: textOf(key['secret'], `key ${name}: secret`),
          x: optional('x'),
          y: optional('y'),
          thumbprint: textOf(key['thumbprint'], `key ${name}: thumbprint`),
        },
      ];
    }),
  );
}

function caseOf(json: unknown): VectorCase {
  const one = objectOf(json, 'a case');
  const name = textOf(one['name'], 'name');
  return {
    name,
    bytes: listOf(one['bytes'], `"${name}": bytes`).map((line) => textOf(line, `"${name}": bytes`)),
    verdict: textOf(one['verdict'], `"${name}": verdict`),
    decoded: one['decoded'] as Json | undefined,
    context: one['context'] === undefined ? undefined : (objectOf(one['context'], 'context') as JsonObject),
    cddl: one['cddl'] === undefined ? undefined : textOf(one['cddl'], `"${name}": cddl`),
  };
}

function objectOf(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new VectorFormatError(`${what}: not an object`);
  }
  return json as Readonly<Record<string, unknown>>;
}

function listOf(json: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(json)) throw new VectorFormatError(`${what}: not a list`);
  return json;
}

function textOf(json: unknown, what: string): string {
  if (typeof json !== 'string') throw new VectorFormatError(`${what}: not text`);
  return json;
}
