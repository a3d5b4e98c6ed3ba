/** How a case of the published vectors is written down. */
import { toHex } from '../../bytes.js';
import { annotate, type Label } from '../../cbor-text/index.js';
import { keyThumbprint, symmetricThumbprint } from '../../cose/index.js';
import { ALG, type PrivateKey } from '../../crypto/index.js';
import type { ErrorCode } from '../../errors.js';
import type { JsonObject, VectorCase, VectorFile, VectorKey } from '../format.js';
import { toJson } from '../json.js';

const WARNING =
  'These private keys are published. They are for tests; a site that trusts them trusts everybody.';

/** Everything about a case but its name and bytes. Values of `context` and `decoded` are the protocol's own. */
export interface About {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly label?: Label;
  /** Lines of commented hexadecimal, for what is not CBOR alone. */
  readonly lines?: readonly string[];
  readonly cddl?: string;
}

export function valid(name: string, bytes: Uint8Array, decoded: unknown, about: About = {}): VectorCase {
  return { ...body(name, bytes, about), verdict: 'valid', decoded: toJson(decoded), ...rest(about) };
}

export function invalid(name: string, bytes: Uint8Array, code: ErrorCode, about: About = {}): VectorCase {
  return { ...body(name, bytes, about), verdict: code, ...rest(about) };
}

function body(name: string, bytes: Uint8Array, { label, lines }: About): Pick<VectorCase, 'name' | 'bytes'> {
  return { name, bytes: lines ?? annotate(bytes, label) };
}

function rest({ context, cddl }: About): Pick<VectorCase, 'context' | 'cddl'> {
  return {
    ...(context === undefined ? {} : { context: toJson(context) as JsonObject }),
    ...(cddl === undefined ? {} : { cddl }),
  };
}

/** A file, with the keys that its cases name. */
export function vectorFile(
  about: Pick<VectorFile, 'structure' | 'section' | 'about'>,
  keys: Readonly<Record<string, PrivateKey | Uint8Array>>,
  cases: readonly VectorCase[],
): VectorFile {
  const published = Object.entries(keys).map(([name, key]) => [name, publish(key)] as const);
  return {
    ...about,
    ...(published.length === 0 ? {} : { warning: WARNING, keys: Object.fromEntries(published) }),
    cases,
  };
}

/** Bytes alone are a symmetric key. */
function publish(key: PrivateKey | Uint8Array): VectorKey {
  if (key instanceof Uint8Array) {
    return { algorithm: ALG.HMAC256, secret: toHex(key), thumbprint: toHex(symmetricThumbprint(key)) };
  }
  const { x, y } = key.publicKey;
  return {
    algorithm: key.algorithm,
    secret: toHex(key.secret),
    x: toHex(x),
    ...(y === undefined ? {} : { y: toHex(y) }),
    thumbprint: toHex(keyThumbprint(key.publicKey)),
  };
}
