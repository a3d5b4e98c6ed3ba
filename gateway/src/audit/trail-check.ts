/** The trail of what operators did: every entry in its place under the chain, and the chain under every head that was signed. */
import { chainHash, equalBytes, TimebandError } from '@timeband/protocol';
import type { TrailRow } from '../store/index.js';
import {
  BROKEN,
  decodeEntry,
  FORGET,
  type TrailEntry,
  type TrailHead,
  trailGenesis,
  verifyTrailHead,
} from '../trail/index.js';
import type { AuditContext } from './context.js';
import type { Check } from './check.js';
import type { Work } from './slices.js';

const PAGE = 500;

export class TrailCheck implements Check {
  /** As it was at the moment of the audit. */
  private readonly first: number;
  private readonly newest: number;
  private readonly heads: ReadonlyMap<number, TrailHead>;

  constructor(
    private readonly context: Pick<AuditContext, 'store' | 'site' | 'gateway' | 'signers' | 'findings'>,
  ) {
    const { trail } = context.store;
    this.first = trail.oldest()?.seq ?? 1;
    this.newest = trail.newest()?.seq ?? 0;
    this.heads = new Map(
      trail.heads().flatMap(({ seq, bytes }) => {
        const head = this.open(bytes);
        if (head?.seq === seq && head.gateway === context.gateway) return [[seq, head] as const];
        this.blame(
          'trail/head',
          `the head at entry ${seq} is signed by nobody we know, or for another entry`,
        );
        return [];
      }),
    );
  }

  *run(): Work {
    const { store, site, gateway } = this.context;
    let hash = trailGenesis(site, gateway);
    let expected = this.first;
    let forgotten = 0;
    while (expected <= this.newest) {
      const rows = store.trail.after(expected - 1, PAGE).filter(({ seq }) => seq <= this.newest);
      if (rows.length === 0) break;
      for (const row of rows) {
        if (row.seq !== expected)
          this.blame('trail/entry', `entries ${expected} to ${row.seq - 1} are missing`);
        else if (!equalBytes(row.previous, hash) && (row.seq !== this.first || row.seq === 1))
          this.blame('trail/entry', `entry ${row.seq} does not follow the one before it`);
        const says = this.read(row);
        if (says?.action === FORGET && says.role === 'gateway') forgotten = Math.max(forgotten, upToOf(says));
        hash = chainHash(row.previous, row.bytes);
        expected = row.seq + 1;
        const head = this.heads.get(row.seq);
        if (head !== undefined && !equalBytes(head.hash, hash))
          this.blame('trail/head', `what was signed at entry ${row.seq} is another than is there`);
      }
      yield rows.length;
    }
    if (this.first > forgotten + 1)
      this.blame('trail/entry', `entries ${forgotten + 1} to ${this.first - 1} are missing`);
    this.compareEnd();
  }

  private compareEnd(): void {
    const last = Math.max(0, ...this.heads.keys());
    if (last > this.newest)
      this.blame('trail/head', `entries ${this.newest + 1} to ${last} were signed and are missing`);
    else if (last < this.newest)
      this.blame('trail/head', `entries from ${last + 1} on are under no signature`);
  }

  private read(row: TrailRow): TrailEntry | undefined {
    try {
      const entry = decodeEntry(row.bytes);
      const { seq, at, account, action, role, outcome } = entry;
      if (seq !== row.seq || at !== row.at || account !== row.account)
        this.blame('trail/entry', `entry ${row.seq} is kept under another number, time or account`);
      if (action === BROKEN && role === 'gateway')
        this.blame(
          'trail/head',
          `at entry ${row.seq} the gateway found the trail before it altered: ${outcome}`,
        );
      return entry;
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      this.blame('trail/entry', `entry ${row.seq} cannot be read: ${error.message}`);
      return undefined;
    }
  }

  private open(bytes: Uint8Array): TrailHead | undefined {
    for (const signer of this.context.signers) {
      try {
        return verifyTrailHead(bytes, signer);
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
      }
    }
    return undefined;
  }

  private blame(code: 'trail/entry' | 'trail/head', message: string): void {
    this.context.findings.add({ code, message: `the trail of what operators did: ${message}` });
  }
}

function upToOf({ given }: TrailEntry): number {
  try {
    const { upTo } = JSON.parse(given) as { upTo?: unknown };
    return typeof upTo === 'number' ? upTo : 0;
  } catch {
    return 0;
  }
}
