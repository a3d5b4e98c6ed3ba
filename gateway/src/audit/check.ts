import type { Work } from './slices.js';

/** One kind of check over the same state of the store. */
export interface Check {
  readonly run: () => Work;
}
