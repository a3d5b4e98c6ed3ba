export { guard, LENIENT, STRICT, type GuardProfile } from './guard.js';
export { decodeLenient, decodeStrict, encode, entries, type CborMap, type CborValue } from './codec.js';
export { Fields } from './fields.js';
