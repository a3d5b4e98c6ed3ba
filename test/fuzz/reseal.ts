/**
 * Signs a changed payload anew. Behind a signature lies a decoder that no random change would ever reach, yet
 * whoever holds one of the keys can send it anything.
 */
import {
  ALG,
  decodeCose,
  encode,
  externalAad,
  fromHex,
  PrivateKey,
  type Purpose,
  TimebandError,
} from '@timeband/protocol';
import type { VectorFile } from '@timeband/protocol/vectors';

export interface Sealed {
  readonly payload: Uint8Array;
  /** The same message over another payload. */
  readonly seal: (payload: Uint8Array) => Uint8Array;
}

const PURPOSES: readonly Purpose[] = [
  'certificate',
  'policy',
  'seal',
  'ack',
  'clock',
  'event',
  'head',
  'answer',
  'attest',
  'approve',
];
/** Of the vectors. */
const SITES = ['dahaiyang', 'yantai'];
const SIGN1 = 0xd2;

/**
 * For a COSE_Sign1 with its payload by an Ed25519 key of the file, with or without the tag of a CWT before it. (ES256
 * signatures are random, and would make two runs of one seed differ.)
 */
export function resealer(message: Uint8Array, file: VectorFile): Sealed | undefined {
  const start = message.subarray(0, 3).indexOf(SIGN1);
  if (start < 0) return undefined;
  let parts;
  try {
    parts = decodeCose(message.subarray(start));
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
  const { payload, protectedBytes, proof, algorithm } = parts;
  if (payload === undefined || algorithm !== ALG.EdDSA) return undefined;
  for (const known of Object.values(file.keys ?? {})) {
    if (known.algorithm !== algorithm) continue;
    const key = PrivateKey.fromSecret(algorithm, fromHex(known.secret));
    for (const aad of PURPOSES.flatMap((purpose) => SITES.map((site) => externalAad(purpose, site)))) {
      const input = (content: Uint8Array): Uint8Array => encode(['Signature1', protectedBytes, aad, content]);
      if (!key.publicKey.verify(input(payload), proof)) continue;
      const prefix = message.slice(0, start + 1);
      const seal = (content: Uint8Array): Uint8Array =>
        Uint8Array.from([
          ...prefix,
          ...encode([protectedBytes, new Map(), content, key.sign(input(content))]),
        ]);
      return { payload, seal };
    }
  }
  return undefined;
}
