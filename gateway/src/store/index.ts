export { StoreError } from './database.js';
export {
  Store,
  type CommitRow,
  type CursorRow,
  type EventRow,
  type EventSourceRow,
  type StoredLog,
  type VisitRow,
} from './store.js';
