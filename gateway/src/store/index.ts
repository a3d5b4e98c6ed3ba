export { StoreError } from './database.js';
export type { TreeNode } from './log-tree.js';
export type { PolicyRow } from './policy.js';
export {
  Store,
  type CommitRow,
  type CursorRow,
  type EventRow,
  type EventSourceRow,
  type StoredLog,
  type VisitRow,
} from './store.js';
