/** In which of its states each record of each log is; every record is in exactly one. */
import type { AuditedLog } from '../store/index.js';
import type { Finding, Findings } from './findings.js';

/** One line of the table. Numbers are records, but for `first` and `last`, which are the log's. */
export interface LogAccount {
  readonly device: string;
  readonly epoch: number;
  readonly first: number;
  readonly last: number;
  /** Has its event, and the city has it where there is an uplink. */
  published: number;
  /** Has its event, which the city has not confirmed yet; or is kept for the primary, which has not. */
  waiting: number;
  /** Stored and not published, for a reason that is stored too. */
  quarantined: number;
  /** Published, the second copy of an act that another log's record counted for. */
  duplicate: number;
  /** The device no longer had it. */
  lost: number;
  verdict: 'good' | 'bad';
}

/** A log on its way through the audit. */
export interface AccountedLog extends AuditedLog {
  readonly account: LogAccount;
  /** Events were seen of records up to here. */
  seen: number;
}

export type Totals = Pick<LogAccount, 'published' | 'waiting' | 'quarantined' | 'duplicate' | 'lost'> & {
  readonly logs: number;
  readonly records: number;
};

export function openAccount(log: AuditedLog): AccountedLog {
  const { device, epoch, base, head } = log;
  return {
    ...log,
    seen: base,
    account: {
      ...{ device, epoch, first: base + 1, last: head },
      ...{ published: 0, waiting: 0, quarantined: 0, duplicate: 0, lost: 0, verdict: 'good' },
    },
  };
}

/** Adds a finding about a log. */
export function blame(
  findings: Findings,
  { account, device, epoch }: AccountedLog,
  finding: Omit<Finding, 'device' | 'epoch'>,
): void {
  account.verdict = 'bad';
  findings.add({ ...finding, device, epoch });
}

export function totalsOf(accounts: readonly LogAccount[]): Totals {
  const sum = (of: (account: LogAccount) => number): number => accounts.reduce((n, one) => n + of(one), 0);
  return {
    logs: accounts.length,
    records: sum(({ first, last }) => last - first + 1),
    published: sum(({ published }) => published),
    waiting: sum(({ waiting }) => waiting),
    quarantined: sum(({ quarantined }) => quarantined),
    duplicate: sum(({ duplicate }) => duplicate),
    lost: sum(({ lost }) => lost),
  };
}
