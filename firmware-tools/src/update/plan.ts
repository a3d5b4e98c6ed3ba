/** What is to be done next, from what stands in a device's slots alone: so an update goes on from wherever it was broken off. */
import { equalBytes, type ImageState } from '@timeband/protocol';

export type Step =
  /** The image runs, for good. */
  | 'done'
  /** It runs, on trial. */
  | 'confirm'
  /** It waits for the next start. */
  | 'restart'
  /** It is there, and was not marked yet, or was tried and gone back from. */
  | 'try'
  | 'upload'
  /** Another image is on trial or waits for one: a start decides about it. */
  | 'settle'
  /** The bootloader itself is at work: it has the image and can start it. */
  | 'leave';

export interface Wanted {
  readonly hash: Uint8Array;
  readonly version: string;
}

/** @param isBootloader nothing runs there but the bootloader, which writes the first slot */
export function nextStep(states: readonly ImageState[], wanted: Wanted, isBootloader: boolean): Step {
  const isWanted = ({ hash, version }: ImageState): boolean =>
    hash === undefined ? version === wanted.version : equalBytes(hash, wanted.hash);
  if (isBootloader) return states.some((state) => state.slot === 0 && isWanted(state)) ? 'leave' : 'upload';
  const running = states.find(({ active }) => active);
  if (running !== undefined && isWanted(running)) return running.confirmed ? 'done' : 'confirm';
  const waiting = states.find((state) => !state.active && isWanted(state));
  if (waiting?.pending === true) return 'restart';
  if (running?.confirmed === false || states.some(({ pending }) => pending)) return 'settle';
  return waiting === undefined ? 'upload' : 'try';
}
