/** Other decoders, as strict as their options make them, for comparison. */
import { cdeDecodeOptions, decode as decodeCbor2, type DecodeOptions } from 'cbor2';
import { decode as decodeCborg } from 'cborg';

const CBORG = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  useMaps: true,
} as const;

const CBOR2: DecodeOptions = {
  ...cdeDecodeOptions,
  rejectDuplicateKeys: true,
  rejectFloats: true,
  rejectBigInts: true,
  rejectUndefined: true,
  preferMap: true,
};

/** Shortest heads, definite lengths, no duplicate keys; it has no option to demand sorted keys. */
export const cborg = (bytes: Uint8Array): unknown => decodeCborg(bytes, CBORG);

/** The common deterministic encoding: all of that, and sorted keys. */
export const cbor2 = (bytes: Uint8Array): unknown => decodeCbor2(bytes, CBOR2);
