export type { AuditedLog, AuditedRecord, AuditedSeal, Range } from './audit.js';
export type { CopyOptions } from './backup.js';
export type { Course, CourseKindRow, CourseRow, CourseTables } from './courses.js';
export type { CursorRow } from './cursors.js';
export { StoreError } from './database.js';
export type { ErasedRow, ErasureRow, NamedRecord } from './erasures.js';
export type { EpochRow, EventNumber } from './epochs.js';
export { asStoreFault, StoreFault } from './fault.js';
export { ForwardTables, type ForwardedLog, type PeerCursor, type WaitingBatch } from './forward.js';
export type {
  LedgerAccountRow,
  LedgerClaimRow,
  LedgerEntryRow,
  LedgerPolicyRow,
  LedgerTables,
} from './ledger.js';
export type { TreeNode } from './log-tree.js';
export { type MessageRow, MqttTables, type QueueRow, type SubscriptionRow } from './mqtt.js';
export type { NewestRecord } from './newest-records.js';
export type { PolicyRow } from './policy.js';
export { QuarantineKeeper } from './quarantine-keeper.js';
export { MIGRATIONS } from './schema.js';
export { openScratch } from './scratch.js';
export { openSnapshot, type Snapshot } from './snapshot.js';
export type { TrailRow, TrailSpan } from './trail.js';
export { type StorageReport, StorageWatch } from './watch.js';
export { Store } from './store.js';
export type { CommitRow, EventRow, EventSourceRow, FactRow, StoredLog, VisitRow } from './rows.js';
export { UplinkTable, type DaySpent } from './uplink.js';
