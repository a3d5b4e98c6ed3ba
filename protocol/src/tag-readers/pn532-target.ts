/** The number of the tag in a PN532's answer to InListPassiveTarget at 106 kbit/s, type A (UM0701-02 §7.3.5). */
import { TagReaderError } from '../errors.js';
import { checkTagNumber } from './number.js';

/** NbTg, Tg, SENS_RES, SEL_RES, NFCIDLength: then the number, and for some tags an ATS. */
const LENGTH_AT = 5;

/** Nothing where no tag is there. `parameters` follow TFI and command. @throws TagReaderError `tag/answer`, `tag/number`, `tag/random` */
export function readPn532Target(parameters: Uint8Array): Uint8Array | undefined {
  const [targets] = parameters;
  if (targets === 0) return undefined;
  const length = parameters[LENGTH_AT];
  if (targets === undefined || length === undefined || parameters.length < LENGTH_AT + 1 + length) {
    throw new TagReaderError('tag/answer', 'an answer that ends before the number of its tag');
  }
  return checkTagNumber(parameters.slice(LENGTH_AT + 1, LENGTH_AT + 1 + length));
}
