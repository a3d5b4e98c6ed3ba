/** @timeband/firmware-tools: what `bandctl` does, as a library over any link. */
export {
  inspectDevice,
  InspectionError,
  type CertificateInfo,
  type DeviceInfo,
  type InspectOptions,
  type Trust,
} from './inspect/info.js';
export { describeDevice } from './inspect/describe.js';
export { checkProof, type ProofReport, type ProofVerdict } from './proof/check.js';
export { glanceAt, heardOf, type Glance } from './inspect/glance.js';
export { believe, checkReceipt, type Anchors, type Believed, type ReceiptVerdict } from './receipt/check.js';
export { withAnchors } from './receipt/page-anchors.js';
export * from './inspect/bytes/index.js';
export * from './inspect/clock.js';
export * from './inspect/health/index.js';
export * from './inspect/log/index.js';
export * from './inspect/traffic/index.js';
export * from './conform/index.js';
export * from './image/index.js';
export * from './target/index.js';
export * from './provision/index.js';
export * from './station/index.js';
export * from './update/index.js';
