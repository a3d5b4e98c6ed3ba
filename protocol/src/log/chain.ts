/** The log: a salted hash chain that one signature over its head covers whole (SPEC.md, Log). */
import { encode } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';

export const HASH_BYTES = 32;
export const LOG_ID_BYTES = 16;

/** What a log begins with. A later epoch names the log it continues. */
export interface Genesis {
  readonly site: string;
  readonly device: string;
  /** Thumbprint of the device's key, 32 bytes. */
  readonly thumbprint: Uint8Array;
  readonly epoch: number;
  readonly previous?:
    { readonly logId: Uint8Array; readonly seq: number; readonly head: Uint8Array } | undefined;
}

/** `h(0) = SHA-256(CBOR["tb-log", 1, site, device, thumbprint, epoch, previous log id, seq, head])`, null where none. */
export function genesisHash({ site, device, thumbprint, epoch, previous }: Genesis): Uint8Array {
  const before = previous === undefined ? [null, null, null] : [previous.logId, previous.seq, previous.head];
  return sha256(encode(['tb-log', 1, site, device, thumbprint, epoch, ...before]));
}

/** The log's name: the first 16 bytes of `h(0)`. */
export function logIdOf(genesis: Uint8Array): Uint8Array {
  return genesis.subarray(0, LOG_ID_BYTES);
}

const link = new Uint8Array(2 * HASH_BYTES); // one scratch buffer: the chain is walked for every record

/** `h(i) = SHA-256(h(i-1) ‖ SHA-256(record i))`. */
export function chainHash(previous: Uint8Array, record: Uint8Array): Uint8Array {
  return chainDigest(previous, sha256(record));
}

/** The same for a record of which only the SHA-256 is known. */
export function chainDigest(previous: Uint8Array, digest: Uint8Array): Uint8Array {
  link.set(previous, 0);
  link.set(digest, HASH_BYTES);
  return sha256(link);
}
