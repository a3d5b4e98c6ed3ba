/** Entries of the journal: minutes from one account to another, never changed and never removed. */
import type { Claim, Judgement } from './claim.js';

/** Double entry in one row: what one account loses the other gains. */
export interface Entry {
  /** Position of the event that it derives from. */
  readonly event: number;
  readonly debit: string;
  readonly credit: string;
  /** Whole minutes, at least 1. */
  readonly minutes: number;
  /** Numbers of the documents that it was made under. */
  readonly rules: number;
  readonly catalogue: number;
  /** It takes an earlier entry of the same event back, because of what arrived since. */
  readonly reverses: boolean;
}

/** Accounts of the ledger's own have a slash, which no id has. */
export const account = {
  /** What was given as a service, less what was redeemed for it. */
  service: (code: number) => `service/${code}`,
  /** What an account has promised and not yet spent. */
  held: (of: string) => `held/${of}`,
  /** What people added or took away. */
  correction: 'ledger/correction',
} as const;

export type Move = Pick<Entry, 'debit' | 'credit' | 'minutes'>;

/** What a judgement moves. `service` is that of the hold which a capture spends. */
export function moveOf({ account: own, said }: Claim, { minutes }: Judgement, service = 0): Move | undefined {
  if (minutes === 0) return undefined;
  switch (said.kind) {
    case 'out':
    case 'visit':
    case 'session':
    case 'attended':
      return { debit: account.service(said.service), credit: own, minutes };
    case 'hold':
      return { debit: own, credit: account.held(own), minutes };
    case 'capture':
      return { debit: account.held(own), credit: account.service(service), minutes };
    case 'release':
      return { debit: account.held(own), credit: own, minutes };
    case 'give':
      return { debit: own, credit: said.to, minutes };
    case 'correct':
      return minutes > 0
        ? { debit: account.correction, credit: own, minutes }
        : { debit: own, credit: account.correction, minutes: -minutes };
    case 'in':
    case 'take': // its other end has the entry
      return undefined;
  }
}
