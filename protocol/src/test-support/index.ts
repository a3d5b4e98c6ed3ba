/** What the tests of this package share. Not part of the published package. */
export { bytesOf, cborValue, deviceTime, id, proof, uint32 } from './arbitraries.js';
export { codeOf } from './errors.js';
export { keyFromSeed, keyOf, seedOf } from './keys.js';
export { ScriptedLink } from './link.js';
export { ManualTimers } from '../testing/index.js';
