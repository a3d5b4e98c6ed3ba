import type { Context } from '../context.js';

/** What a receiver makes of the bytes of one structure. @throws TimebandError where it takes them not */
export type Verify = (bytes: Uint8Array, context: Context) => unknown;
