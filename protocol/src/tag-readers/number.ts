/**
 * One tag has one number, whichever reader reads it and however that reader writes it (SPEC.md, Tag numbers): the bytes
 * that the tag sends, in their order on the air. Five for an EM4100, four, seven or ten for a tag of ISO 14443.
 */
import { concat, fromHex } from '../bytes.js';
import { TagReaderError } from '../errors.js';

/** Version and customer code in one byte, then 32 bits (EM4100 data sheet). */
export const EM4100_BYTES = 5;
/** Single, double and triple size (ISO/IEC 14443-3 §6.5.4). */
const ISO14443_BYTES: readonly number[] = [4, 7, 10];
/** First byte of a 4-byte number that a phone makes up anew each time (ISO/IEC 14443-3 table 8). */
const RANDOM_ID = 0x08;

/** How a reader writes numbers: which it is cannot be told from digits alone. */
export const TAG_FORMS = ['hex', 'decimal', 'wiegand'] as const;
export type TagForm = (typeof TAG_FORMS)[number];

/** Refuses what is no lasting number of a tag. @throws TagReaderError `tag/number`, `tag/random` */
export function checkTagNumber(uid: Uint8Array): Uint8Array {
  if (uid.length !== EM4100_BYTES && !ISO14443_BYTES.includes(uid.length)) {
    throw new TagReaderError('tag/number', `no tag has a number of ${uid.length} bytes`);
  }
  if (uid.every((byte) => byte === 0) || uid.every((byte) => byte === 0xff)) {
    throw new TagReaderError('tag/number', 'a number of the same bits throughout is no tag');
  }
  if (uid.length === 4 && uid[0] === RANDOM_ID) {
    throw new TagReaderError('tag/random', 'a phone, or a card that shows another number each time');
  }
  return uid;
}

/**
 * The number of a tag from what a reader wrote, with `prefix` for the first bytes that a short form leaves out.
 *
 * - `hex`: 10 digits of an EM4100; 8, 14 or 20 of an ISO 14443 tag;
 * - `decimal`: 10 digits for the last 32 bits of an EM4100, 8 for the last 24;
 * - `wiegand`: three digits for one byte and five for two, with or without a comma: the last 24 bits of an EM4100.
 *
 * @throws TagReaderError `tag/number` for anything else; `tag/incomplete` where the prefix is missing or too short;
 * `tag/random`
 */
export function readTagNumber(text: string, form: TagForm, prefix?: Uint8Array): Uint8Array {
  if (form === 'hex') {
    if (!/^([0-9a-f]{2})+$/i.test(text)) throw noNumber(form);
    return checkTagNumber(fromHex(text.toLowerCase()));
  }
  const last = form === 'decimal' ? readDecimal(text) : readWiegand(text);
  const missing = EM4100_BYTES - last.length;
  if (prefix === undefined || prefix.length < missing) {
    throw new TagReaderError(
      'tag/incomplete',
      `${text.length} characters leave out the first ${missing} of a tag's 5 bytes, and no prefix gives them`,
    );
  }
  return checkTagNumber(concat(prefix.subarray(0, missing), last));
}

/** The first one or two bytes of a site's EM4100 tags, hexadecimal. @throws TagReaderError `tag/number` */
export function readTagPrefix(text: string): Uint8Array {
  if (!/^([0-9a-f]{2}){1,2}$/i.test(text)) {
    throw new TagReaderError('tag/number', 'a prefix is two or four hexadecimal digits');
  }
  return fromHex(text.toLowerCase());
}

function readDecimal(text: string): Uint8Array {
  if (!/^(\d{8}|\d{10})$/.test(text)) throw noNumber('decimal');
  return bytesOf(Number(text), text.length === 10 ? 4 : 3);
}

function readWiegand(text: string): Uint8Array {
  const [, facility, card] = /^(\d{3}),?(\d{5})$/.exec(text) ?? [];
  if (facility === undefined || card === undefined) throw noNumber('wiegand');
  return concat(bytesOf(Number(facility), 1), bytesOf(Number(card), 2));
}

function bytesOf(value: number, length: number): Uint8Array {
  if (value >= 2 ** (8 * length)) {
    throw new TagReaderError('tag/number', `a number beyond ${8 * length} bits`);
  }
  return Uint8Array.from({ length }, (_, i) => Math.floor(value / 2 ** (8 * (length - 1 - i))));
}

function noNumber(form: TagForm): TagReaderError {
  return new TagReaderError('tag/number', `no number in the form ${form}`);
}
