/** Many decisions at a glance, for whoever is about to sign them all: who, what, how many minutes, and what it comes to. */
import { APPROVERS_NEEDED, toHex } from '@timeband/protocol';
import { type DecisionFile, readDecision, signersOf } from './decision.js';

/** One decision, as a line. */
export interface Glance {
  readonly who: string;
  readonly what: string;
  /** Whole minutes that move; negative for what is taken away, absent where none do. */
  readonly minutes?: number | undefined;
  /** Whose minutes they are, where it is not `who`. */
  readonly from?: string | undefined;
  /** For the sums: such as `welcome`. */
  readonly sort: string;
  /** Different keys that signed it. */
  readonly signatures: number;
  readonly isComplete: boolean;
}

/** @throws DecisionError */
export function glanceAt(decision: DecisionFile): Glance {
  const signatures = signersOf(decision).size;
  const signed = { signatures, isComplete: signatures >= APPROVERS_NEEDED[decision.kind] };
  const read = readDecision(decision);
  switch (read.kind) {
    case 'enrol': {
      const { account, band, step, replaces, thumbprint, reason } = read.action;
      const more = [
        replaces && `for ${replaces}`,
        reason,
        thumbprint && `key ${toHex(thumbprint).slice(0, 8)}`,
      ];
      return { who: account, what: words(step, band, ...more), sort: 'enrolment', ...signed };
    }
    case 'transfer': {
      const { from, to, minutes, sort } = read.action;
      return { who: to, what: `${sort} from ${from}`, minutes, from, sort, ...signed };
    }
    case 'correct': {
      const { account, minutes, sort, reason, service, started, ended } = read.action;
      const where = service === undefined ? undefined : `service ${service}`;
      const span = started && ended && `${moment(started)} to ${moment(ended)}`;
      return { who: account, what: words(sort, reason, where, span), minutes, sort: 'correction', ...signed };
    }
    case 'erase': {
      const { pseudonym, records } = read.action;
      const what = `becomes ${pseudonym}, ${records} records`;
      return { who: decision.account ?? '', what, sort: 'erasure', ...signed };
    }
  }
}

/** What they come to, a line a sort: `145 welcomes: 17400 minutes out of fund`. */
export function sumsOf(glances: readonly Glance[]): string[] {
  const sums = new Map<string, { count: number; minutes: number | undefined; from: string | undefined }>();
  for (const { sort, minutes, from } of glances) {
    const name = `${sort}/${from ?? ''}`;
    const before = sums.get(name) ?? { count: 0, minutes: undefined, from };
    const sum = minutes === undefined ? before.minutes : (before.minutes ?? 0) + minutes;
    sums.set(name, { count: before.count + 1, minutes: sum, from });
  }
  return [...sums].map(([name, { count, minutes, from }]) => {
    const moved = minutes === undefined ? '' : `: ${minutes} minutes`;
    return `${count} ${name.split('/')[0] ?? ''}${count === 1 ? '' : 's'}${moved}${from === undefined ? '' : ` out of ${from}`}`;
  });
}

/** Accounts that would be welcomed more than once: the second does not count. */
export function welcomedTwice(glances: readonly Glance[]): string[] {
  const welcomed = glances.filter(({ sort }) => sort === 'welcome').map(({ who }) => who);
  return [...new Set(welcomed.filter((who, i) => welcomed.indexOf(who) !== i))];
}

function words(...parts: readonly (string | number | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== 0 && part !== '').join(', ');
}

function moment(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 16);
}
