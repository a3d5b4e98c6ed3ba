/** Who goes by the event log: nobody may have seen more of it, or another one, than there is (SPEC.md, Event). */
import { StoreError } from '../store/index.js';
import { judgeMarker, nameOf, readMarker } from '../events/index.js';
import type { AuditContext } from './context.js';
import type { FindingCode } from './findings.js';

/** @param markerFile the place of the newest event outside the database; left out where there is none to look at */
export function checkPositions(context: AuditContext, markerFile?: string): void {
  const { store, findings, head, confirmed } = context;
  for (const { account, client, seq } of store.audit.cursorsBeyond(head)) {
    const message = `${client} of account ${account} has confirmed event ${seq}, and there are ${head}`;
    findings.add({ code: 'cursor/ahead', message, event: seq });
  }
  if (confirmed > head) {
    const message = `the city has confirmed event ${confirmed}, and there are ${head}`;
    findings.add({ code: 'uplink/ahead', message, event: confirmed });
  }
  if (markerFile !== undefined) checkMarker(context, markerFile);
}

const MARKER_SAYS: Readonly<
  Record<'ahead' | 'another', { readonly code: FindingCode; readonly text: string }>
> = {
  ahead: { code: 'marker/ahead', text: 'is not in the database: it is older than what was published' },
  another: { code: 'marker/another', text: 'is another one in the database' },
};

function checkMarker({ store, findings }: AuditContext, file: string): void {
  try {
    const marked = readMarker(file);
    const verdict = judgeMarker(marked, store);
    if (marked === undefined || !(verdict === 'ahead' || verdict === 'another')) return;
    const { code, text } = MARKER_SAYS[verdict];
    findings.add({ code, message: `${nameOf(marked)}, which ${file} names, ${text}` });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    findings.add({ code: 'marker/damaged', message: error.message });
  }
}
