export { align, annotate, uncommented, type Label } from './annotate.js';
export { diagnostic, type DiagnosticOptions } from './diagnostic.js';
export { BODY_LABELS } from './body-labels.js';
export {
  ackLabel,
  answerLabel,
  certificateLabel,
  clockLabel,
  coseKeyLabel,
  coseLabel,
  deviceLabel,
  eventLabel,
  eventMessageLabel,
  forwardAnswerLabel,
  forwardLabel,
  genesisLabel,
  policyLabel,
  portableReceiptLabel,
  punchLabel,
  receiptLabel,
  recordLabel,
  sealLabel,
} from './labels.js';
