/** Records that were replaced on request: by exactly what two operators approved, and by nothing else (SPEC.md, Erasure). */
import {
  type Approved,
  type CborMap,
  decodeStrict,
  equalBytes,
  erasureRoot,
  type Erasure,
  readErase,
  sha256,
  TimebandError,
  verifyApprovals,
} from '@timeband/protocol';
import type { Approvers } from '../verify/index.js';
import type { AuditContext } from './context.js';
import type { Check } from './check.js';
import type { Unverified } from './seal-check.js';
import type { Work } from './slices.js';

export class ErasureCheck implements Check {
  constructor(private readonly context: Pick<AuditContext, 'store' | 'findings'>) {}

  *run(): Work {
    const { erasures } = this.context.store;
    if (erasures.strays > 0) this.blame('records were replaced, and nothing says who approved it');
    /** What is there after all of them, by its record. */
    const newest = new Map<string, Uint8Array>();
    for (const { id, at, body } of erasures.all()) {
      const rows = erasures.rows(id);
      yield rows.length;
      const says = readStored(body)?.action;
      const isSaid = says?.at === at && says.records === rows.length;
      const records = rows.map(({ eventHash, ...row }) => ({ ...row, eventHash: eventHash ?? undefined }));
      if (!isSaid || !equalBytes(says.root, erasureRoot(records)))
        this.blame(`what was replaced in erasure ${id} is not what was approved`);
      for (const { log, seq, digest, substitute } of rows) {
        const before = newest.get(`${log}/${seq}`);
        if (before !== undefined && !equalBytes(before, digest))
          this.blame(`record ${seq} was replaced twice, and not one after the other`);
        newest.set(`${log}/${seq}`, substitute);
      }
      for (const { log, seq, bytes } of rows) {
        const isLast = erasures.newestOf(log, seq) === id;
        if (isLast && !equalBytes(sha256(bytes), newest.get(`${log}/${seq}`) ?? new Uint8Array()))
          this.blame(`what stands in the place of record ${seq} is not what was approved`);
      }
    }
  }

  private blame(message: string): void {
    this.context.findings.add({ code: 'record/erasure', message });
  }
}

/** The same, with the certificates of operators. */
export function* checkErasureApprovals(
  { store, site, findings }: Pick<AuditContext, 'store' | 'site' | 'findings'>,
  unverified: Unverified,
  approvers: Approvers | undefined,
): Work {
  for (const { id, body } of store.erasures.all()) {
    yield 1;
    const value = readStored(body);
    if (value === undefined) continue; // which the other check has said
    if (approvers === undefined) {
      unverified.approvals++;
      continue;
    }
    try {
      verifyApprovals({ kind: 'erase', value }, { site, ...approvers });
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      findings.add({ code: 'record/erasure', message: `erasure ${id} is not approved: ${error.message}` });
    }
  }
}

function readStored(body: Uint8Array): Approved<Erasure> | undefined {
  try {
    return readErase(decodeStrict(body) as CborMap);
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
