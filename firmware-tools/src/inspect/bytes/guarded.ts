/** Reading that cannot fail: what is wrong becomes a finding. */
import { TimebandError } from '@timeband/protocol';
import { annotate } from '@timeband/protocol/cbor-text';
import { bad, type Finding } from './finding.js';

/** What `read` finds, or under the name of `what` why it could not be read. */
export function guarded(what: string, bytes: Uint8Array, read: (bytes: Uint8Array) => Finding): Finding {
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { what, bytes: bytes.length, says: '', verdicts: [bad(error)], lines: annotate(bytes), parts: [] };
  }
}
