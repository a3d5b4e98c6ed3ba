export { decodeLenient, decodeStrict, encode, entries } from './codec.js';
export { Fields } from './fields.js';
export { decodeSequence, encodeSequence, MAX_SEQUENCE_ITEMS, type SequenceItem } from './sequence.js';
export type { CborMap, CborValue } from './value.js';
