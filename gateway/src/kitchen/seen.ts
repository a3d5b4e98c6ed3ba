/** Who was seen today: whose band or tag was held to anything, or told of anything, from midnight where the site is. */
import {
  decodeRecord,
  KIND,
  readAttest,
  readPunch,
  readRequest,
  readStatement,
  tagId,
  toHex,
} from '@timeband/protocol';
import type { Ledger } from '../ledger/index.js';
import type { FactRow, Store } from '../store/index.js';

export interface SeenTodayOptions {
  readonly store: Pick<Store, 'facts' | 'commitOf' | 'lastCommit' | 'logIdOf' | 'findLog'>;
  readonly ledger: Pick<Ledger, 'accountOf'>;
  /** Days since 1970-01-01 where the site is. */
  readonly dateOf: (at: number) => number;
}

/** Events that are looked at in one go: some milliseconds. */
const AT_ONCE = 200;

export class SeenToday {
  private date: number | undefined;
  private upTo = 0;
  private readonly last = new Map<string, number>();
  /** Whose bands they are: asked once a day. */
  private readonly accounts = new Map<string, string>();

  constructor(private readonly options: SeenTodayOptions) {}

  /** Looks at some of what came since. @returns whether everything that is stored was looked at */
  advance(date: number): boolean {
    const { store } = this.options;
    const total = store.lastCommit()?.last ?? 0;
    if (this.date !== date) {
      this.date = date;
      this.last.clear();
      this.accounts.clear();
      this.upTo = this.beforeDay(date, total);
    }
    const upTo = Math.min(total, this.upTo + AT_ONCE);
    if (upTo > this.upTo) for (const row of store.facts(this.upTo + 1, upTo)) this.take(row, date);
    this.upTo = upTo;
    return upTo === total;
  }

  /** Unix seconds. */
  lastOf(account: string): number | undefined {
    return this.last.get(account);
  }

  /** The last event that was committed before a day: what happened in it came later. */
  private beforeDay(date: number, total: number): number {
    let [low, high] = [0, total];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const recorded = this.options.store.commitOf(middle)?.recorded ?? Infinity;
      if (this.options.dateOf(recorded) < date) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private take(row: FactRow, date: number): void {
    const { store, ledger, dateOf } = this.options;
    const { latest } = row.time;
    if (row.doubted === true || dateOf(latest) !== date) return;
    const log = store.logIdOf(row.log);
    if (log === undefined) return;
    const place = { at: latest, log: toHex(log), seq: row.logSeq, part: 0 };
    for (const band of this.bandsOf(row, log)) {
      const account = this.accounts.get(band) ?? ledger.accountOf(band, place);
      if (account === undefined) continue;
      this.accounts.set(band, account);
      this.last.set(account, Math.max(latest, this.last.get(account) ?? 0));
    }
  }

  private bandsOf({ band, record: bytes }: FactRow, log: Uint8Array): string[] {
    const { kind, body } = decodeRecord(bytes);
    if (kind === KIND.attest) {
      const { provider, recipient } = readStatement(readAttest(body).statement);
      return [provider, recipient];
    }
    if (band !== undefined) return [band];
    if (kind === KIND.punch) {
      const { proof } = readPunch(body);
      if (proof.kind === 'uid') return [tagId(proof.uid)];
      return proof.kind === 'own' ? [this.deviceOf(log)] : [];
    }
    return kind === KIND.request && readRequest(body).assisted === undefined ? [this.deviceOf(log)] : [];
  }

  private deviceOf(log: Uint8Array): string {
    return this.options.store.findLog(log)?.device ?? '';
  }
}
