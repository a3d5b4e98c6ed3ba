export { HeadPublisher } from './head-publisher.js';
export { Receipts, type EventSource, type ReceiptsOptions, type SignedHead } from './receipts.js';
