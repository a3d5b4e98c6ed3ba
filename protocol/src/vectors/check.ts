/**
 * Checks published vectors from their files alone: nothing here knows how they were made. Runs wherever the core
 * runs, in a browser too.
 */
import { fromHex, toHex } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { keyThumbprint } from '../cose/index.js';
import { ALG, PrivateKey, sha256 } from '../crypto/index.js';
import { TimebandError } from '../errors.js';
import { Context } from './context.js';
import { bytesOf, VectorFormatError, type VectorCase, type VectorFile, type VectorKey } from './format.js';
import { equalJson, toJson } from './json.js';
import { verifiers } from './verifiers/index.js';

/** What a check of one file found. */
export interface CheckedFile {
  readonly structure: string;
  readonly valid: number;
  readonly invalid: number;
  /** What is not as the file says, a line each; empty when all is. */
  readonly problems: readonly string[];
}

/** Checks every case of a file, and that its keys belong together. Never throws. */
export function checkFile(file: VectorFile): CheckedFile {
  const valid = file.cases.filter(({ verdict }) => verdict === 'valid').length;
  const problems = [
    ...Object.entries(file.keys ?? {}).flatMap(([name, key]) => checkKey(name, key)),
    ...file.cases.flatMap((one) => checkCase(file, one)),
    ...duplicates(file.cases.map(({ name }) => name)),
  ];
  return { structure: file.structure, valid, invalid: file.cases.length - valid, problems };
}

function checkCase(file: VectorFile, one: VectorCase): string[] {
  const verify = verifiers[file.structure];
  if (verify === undefined) return [`"${one.name}": no check is known for "${file.structure}"`];
  let decoded;
  try {
    decoded = toJson(verify(bytesOf(one), Context.of(file, one)));
  } catch (error) {
    if (error instanceof VectorFormatError) return [error.message];
    const found = error instanceof TimebandError ? error.code : `an unexpected ${String(error)}`;
    return found === one.verdict ? [] : [`"${one.name}": ${found}, not ${one.verdict}`];
  }
  if (one.verdict !== 'valid') return [`"${one.name}": accepted, not ${one.verdict}`];
  if (one.decoded !== undefined && equalJson(decoded, one.decoded)) return [];
  return [`"${one.name}": decoded to ${JSON.stringify(decoded)}`];
}

/** A key's public half and thumbprint follow from its secret (RFC 9679 §3). */
function checkKey(name: string, { algorithm, secret, x, y, thumbprint }: VectorKey): string[] {
  try {
    if (algorithm === ALG.HMAC256) {
      const symmetric = sha256(encode(entries([1, 4], [-1, fromHex(secret)])));
      return toHex(symmetric) === thumbprint ? [] : [`key ${name}: another thumbprint`];
    }
    if (algorithm !== ALG.EdDSA && algorithm !== ALG.ES256) return [`key ${name}: algorithm ${algorithm}`];
    const { publicKey } = PrivateKey.fromSecret(algorithm, fromHex(secret));
    const same =
      toHex(publicKey.x) === x &&
      (publicKey.y === undefined ? undefined : toHex(publicKey.y)) === y &&
      toHex(keyThumbprint(publicKey)) === thumbprint;
    return same ? [] : [`key ${name}: its parts do not belong together`];
  } catch (error) {
    return [`key ${name}: ${String(error)}`];
  }
}

function duplicates(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i).map((name) => `"${name}": a name twice`);
}
