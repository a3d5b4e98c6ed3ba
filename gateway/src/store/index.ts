export type { CursorRow } from './cursors.js';
export { StoreError } from './database.js';
export type { TreeNode } from './log-tree.js';
export type { NewestRecord } from './newest-records.js';
export type { PolicyRow } from './policy.js';
export {
  Store,
  type CommitRow,
  type EventRow,
  type EventSourceRow,
  type StoredLog,
  type VisitRow,
} from './store.js';
