export { HeadPublisher } from './head-publisher.js';
export { Receipts, type EventSource, type ReceiptsOptions, type SignedHead } from './receipts.js';
export { type LeafSource, LogTree, type NodeStore } from './log-tree.js';
