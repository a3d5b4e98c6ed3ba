export { align, annotate, uncommented, type Label } from './annotate.js';
export { diagnostic, type DiagnosticOptions } from './diagnostic.js';
export { BODY_LABELS } from './body-labels.js';
export { COMMAND_LABELS, type CommandLabels } from './command-labels.js';
export { annotateFrame, annotatePacket } from './packet.js';
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
  numbered,
  policyLabel,
  portableReceiptLabel,
  punchLabel,
  receiptLabel,
  recordLabel,
  sealLabel,
} from './labels.js';
