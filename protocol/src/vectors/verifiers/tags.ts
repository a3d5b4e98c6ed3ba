/** What commodity readers say (SPEC.md, Tag numbers). */
import type { TagReaderError } from '../../errors.js';
import {
  LineDecoder,
  Pn532Deframer,
  type Pn532Frame,
  Rdm6300Decoder,
  readPn532Target,
  TAG_FORMS,
} from '../../tag-readers/index.js';
import { VectorFormatError } from '../format.js';
import type { Verify } from './verify.js';

/** One tag; the first fault is the verdict. */
export const tagNumber: Verify = (bytes, context) => {
  const uids: Uint8Array[] = [];
  const faults: TagReaderError[] = [];
  const handlers = {
    tag: (uid: Uint8Array) => uids.push(uid),
    fault: (error: TagReaderError) => faults.push(error),
  };
  const kind = context.text('kind');
  if (kind === 'rdm6300') new Rdm6300Decoder(handlers).push(bytes);
  else if (kind === 'wedge') {
    const form = TAG_FORMS.find((one) => one === context.text('form'));
    if (form === undefined) throw new VectorFormatError(`no form "${context.text('form')}"`);
    const prefix = context.has('prefix') ? context.bytes('prefix') : undefined;
    new LineDecoder({ form, prefix, timers: { now: () => 0 } }, handlers).push(bytes);
  } else if (kind === 'pn532') {
    const frame = (frame: Pn532Frame): void => {
      const uid = frame.kind === 'data' ? readPn532Target(frame.data.slice(2)) : undefined;
      if (uid !== undefined) uids.push(uid);
    };
    new Pn532Deframer({ frame, fault: handlers.fault }).push(bytes);
  } else throw new VectorFormatError(`no reader "${kind}"`);
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return { uid: uids[0] };
};
