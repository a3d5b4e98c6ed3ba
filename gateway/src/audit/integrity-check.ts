/** The file itself, as SQLite sees it: a bit that flipped in an index or a page is no record's, and damage all the same. */
import type { AuditContext } from './context.js';
import type { Work } from './slices.js';

export function* checkIntegrity({ store, findings }: AuditContext): Work {
  for (const message of store.audit.damage()) findings.add({ code: 'database/damaged', message });
  yield 0;
}
