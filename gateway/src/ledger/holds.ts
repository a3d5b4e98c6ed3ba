/** What accounts have promised and not yet spent. */
import type { Ledger } from './ledger.js';

export interface OpenHold {
  readonly redemption: string;
  /** Number in the catalogue. */
  readonly service: number;
  /** Whole minutes. */
  readonly minutes: number;
  /** Unix seconds. */
  readonly at: number;
  /** Position of the event that it derives from. */
  readonly event: number;
}

/** The newest first. */
export function openHolds(ledger: Pick<Ledger, 'balance' | 'lines'>, account: string): OpenHold[] {
  const ended = new Set<string>();
  const holds: OpenHold[] = [];
  let { held } = ledger.balance(account);
  for (const { claim, outcome, minutes, at, event } of ledger.lines(account)) {
    if (held <= 0) break;
    if (outcome !== 'posted') continue;
    if (claim.kind === 'capture' || claim.kind === 'release') ended.add(claim.redemption);
    if (claim.kind !== 'hold' || ended.has(claim.redemption)) continue;
    holds.push({ redemption: claim.redemption, service: claim.service, minutes, at, event });
    held -= minutes;
  }
  return holds;
}
