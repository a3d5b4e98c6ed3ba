/** @timeband/protocol: bytes in, values out. See SPEC.md for what is on the wire. */
export { concat, equalBytes, fromHex, toHex } from './bytes.js';
export * from './cbor/index.js';
export * from './cose/index.js';
export * from './crypto/index.js';
export * from './cwt/index.js';
export * from './errors.js';
export * from './event/index.js';
export { isId, MAX_ID_LENGTH } from './ids.js';
export type { Link, LinkHandlers } from './link.js';
export * from './log/index.js';
export * from './records/index.js';
export * from './smp/index.js';
export { systemTimers, type Timers } from './timers.js';
export { gatewayTopics, TOPIC_ROOT, type GatewayStatus, type GatewayTopics } from './topics.js';
