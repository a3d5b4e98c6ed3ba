export { fromBase45, toBase45 } from './base45.js';
export {
  consistencyReceipt,
  inclusionReceipt,
  readHeadClaims,
  signHead,
  verifyConsistency,
  verifyHead,
  type HeadClaims,
  type TreeHead,
} from './head.js';
export {
  decodeReceipt,
  encodeReceipt,
  MAX_RECEIPT_BYTES,
  verifyReceipt,
  type PortableReceipt,
  type ReceiptTrust,
  type VerifiedReceipt,
} from './receipt.js';
export { describeReceipt, type ReceiptReport } from './report.js';
export { isReceiptText, receiptFromText, receiptToText } from './text.js';
