/** Where fuzzing begins: every published vector, with the decoder that its file is for. */
import { readdirSync, readFileSync } from 'node:fs';
import { bytesOf, Context, parseVectorFile, verifiers } from '@timeband/protocol/vectors';
import { resealer, type Sealed } from './reseal.js';

export interface Seed {
  /** What the bytes are, as the vectors' file says; the name of the decoder. */
  readonly structure: string;
  /** File and case. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Decodes and verifies as the case's receiver would. */
  readonly verify: (bytes: Uint8Array) => unknown;
  /** How to sign another payload, so that it gets past the signature. */
  readonly sealed?: Sealed | undefined;
}

/** Beside `src` and `dist`, from either of which the package may be loaded. */
const VECTORS = new URL('../vectors/', import.meta.resolve('@timeband/protocol'));

/** Every case of every file. A file whose structure has no check is an error: it would not be fuzzed. */
export function loadSeeds(): readonly Seed[] {
  return readdirSync(VECTORS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const file = parseVectorFile(JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8')));
      const verify = verifiers[file.structure];
      if (verify === undefined) throw new Error(`${name}: no check is known for "${file.structure}"`);
      return file.cases.map((one): Seed => {
        const context = Context.of(file, one);
        const bytes = bytesOf(one);
        return {
          structure: file.structure,
          name: `${name}: ${one.name}`,
          bytes,
          verify: (input) => verify(input, context),
          sealed: one.verdict === 'valid' ? resealer(bytes, file) : undefined,
        };
      });
    });
}
