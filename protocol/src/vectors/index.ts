/** @timeband/protocol/vectors: reading the published vectors and checking them, from their files alone. */
export { checkFile, type CheckedFile } from './check.js';
export { Context } from './context.js';
export { bytesOf, parseVectorFile, VectorFormatError, type VectorCase, type VectorFile } from './format.js';
export { verifiers } from './verifiers/index.js';
export { readItems, type Item } from '../cbor-text/item.js';
