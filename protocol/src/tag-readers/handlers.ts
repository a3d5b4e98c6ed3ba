import type { TagReaderError } from '../errors.js';

/** Who is told what a reader says. */
export interface TagHandlers {
  /** A tag, under its one number (SPEC.md, Tag numbers). It comes again for as long as the tag is held there. */
  readonly tag: (uid: Uint8Array) => void;
  /** Bytes that were no tag. The reader goes on. */
  readonly fault: (error: TagReaderError) => void;
}
