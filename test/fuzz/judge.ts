/** What a decoder may do with hostile bytes: take them, or refuse them with a code, and soon. */
import { TimebandError } from '@timeband/protocol';
import { VectorFormatError } from '@timeband/protocol/vectors';
import { NotCanonicalError } from './decoders.js';

export const TIME_LIMIT_MS = 50;
/** A machine that was busy elsewhere is not a slow decoder: only what is slow every time is. */
const REPEATS = 5;

export type Problem = 'exception' | 'slow' | 'not canonical' | 'second form';

export type Verdict =
  | { readonly kind: 'accepted' }
  /** `reason` is the code and the message without its numbers: the place in the decoder that refused. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly detail: string };

/** The verdict on a signed structure that was accepted although its bytes were never signed. */
export const SECOND_FORM = {
  kind: 'problem',
  problem: 'second form',
  detail: 'accepted, although nobody signed these bytes',
} as const satisfies Verdict;

/** Runs a decoder once, and again if it took long. */
export function judge(decode: () => unknown): Verdict {
  const started = performance.now();
  const verdict = outcome(decode);
  let fastest = performance.now() - started;
  for (let i = 0; i < REPEATS && fastest > TIME_LIMIT_MS; i++) {
    const again = performance.now();
    outcome(decode);
    fastest = Math.min(fastest, performance.now() - again);
  }
  if (fastest > TIME_LIMIT_MS) {
    return { kind: 'problem', problem: 'slow', detail: `${Math.round(fastest)} ms at best` };
  }
  return verdict;
}

function outcome(decode: () => unknown): Verdict {
  try {
    decode();
    return { kind: 'accepted' };
  } catch (error) {
    if (error instanceof TimebandError) {
      return { kind: 'refused', reason: `${error.code} ${error.message.replace(/\d+/g, '#')}` };
    }
    // The check of the vectors itself: the case's context does not fit the changed bytes.
    if (error instanceof VectorFormatError) return { kind: 'refused', reason: 'vector' };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      kind: 'problem',
      problem: error instanceof NotCanonicalError ? 'not canonical' : 'exception',
      detail,
    };
  }
}
