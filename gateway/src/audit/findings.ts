/** What an audit found: named, told in words, and bounded however much is wrong. */

/** Each stands in docs/codes.md. */
export const FINDING_CODES = [
  // Logs of devices
  'log/genesis',
  'log/head',
  'log/certificate',
  'record/missing',
  'record/altered',
  'record/unaccounted',
  'record/two-states',
  'record/approval',
  'record/erasure',
  'seal/missing',
  'seal/signature',
  'seal/range',
  // The event log
  'commit/missing',
  'commit/order',
  'commit/chain',
  'commit/altered',
  'commit/signature',
  'commit/expired',
  'event/missing',
  'event/repeated',
  'act/twice',
  'act/missing',
  'tree/head',
  // What waits for the primary
  'forward/chain',
  'forward/seal',
  // What stands beside it
  'signer/untrusted',
  'cursor/ahead',
  'uplink/ahead',
  'marker/ahead',
  'marker/another',
  'marker/damaged',
  'tree/node',
  'policy/refused',
  'ledger/behind',
  'ledger/entry',
  'ledger/balance',
  'matter/altered',
  'trail/entry',
  'trail/head',
  'database/damaged',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly device?: string | undefined;
  /** Epoch of the device's log. */
  readonly epoch?: number | undefined;
  /** Number in the device's log. */
  readonly record?: number | undefined;
  /** Position in the event log. */
  readonly event?: number | undefined;
}

/** Told in words; the others are counted. */
const MOST_TOLD = 200;

export class Findings {
  readonly told: Finding[] = [];
  private readonly counts = new Map<FindingCode, number>();

  add(finding: Finding): void {
    this.counts.set(finding.code, (this.counts.get(finding.code) ?? 0) + 1);
    if (this.told.length < MOST_TOLD) this.told.push(finding);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, n) => sum + n, 0);
  }

  /** How many of each, also of those that are not told. */
  get byCode(): Readonly<Partial<Record<FindingCode, number>>> {
    return Object.fromEntries([...this.counts].sort());
  }
}
