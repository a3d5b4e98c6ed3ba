/** Captures of either kind, told apart by how they begin. */
import { isSnoop } from '@timeband/protocol';
import { CaptureError, type Exchange } from './exchange.js';
import { readRadioCapture } from './radio-capture.js';
import { readSerialCapture } from './serial-capture.js';

/** @throws CaptureError when there is nothing of ours in it, FrameError for a btsnoop file of another kind */
export function readCapture(bytes: Uint8Array): Exchange[] {
  if (isSnoop(bytes)) return readRadioCapture(bytes);
  const seen = readSerialCapture(bytes);
  if (!seen.some(({ kind }) => kind === 'packet' || kind === 'fault'))
    throw new CaptureError('neither a btsnoop file nor the bytes of a serial line: no frame of SMP is in it');
  return seen;
}
