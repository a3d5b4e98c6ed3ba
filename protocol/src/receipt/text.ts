/** Receipts as text: for messages, forms and the alphanumeric segment of a QR code (SPEC.md, Portable receipt). */
import { ReceiptError } from '../errors.js';
import { fromBase45, toBase45 } from './base45.js';
import { MAX_RECEIPT_BYTES } from './receipt.js';

const PREFIX = 'TB1:';
const MAX_CHARACTERS = PREFIX.length + Math.ceil(MAX_RECEIPT_BYTES / 2) * 3;

/** `TB1:` and the bytes in base45. */
export function receiptToText(bytes: Uint8Array): string {
  return PREFIX + toBase45(bytes);
}

/** Whether this is meant to be a receipt as text. */
export function isReceiptText(text: string): boolean {
  return text.trimStart().startsWith(PREFIX);
}

/** The receipt's bytes. Line breaks do not count, spaces inside do. @throws ReceiptError `receipt/shape` */
export function receiptFromText(text: string): Uint8Array {
  if (text.length > 2 * MAX_CHARACTERS) throw new ReceiptError('receipt/shape', 'too long for a receipt');
  const line = text.replaceAll(/[\r\n]/g, '').trim();
  if (!isReceiptText(line))
    throw new ReceiptError('receipt/shape', `the text of a receipt begins with ${PREFIX}`);
  return fromBase45(line.slice(PREFIX.length));
}
