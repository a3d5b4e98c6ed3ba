/** What the residents have at the end, as the gateway's own command says it. */
import { runJson } from '../programs/child.js';

export interface AccountBalance {
  readonly account: string;
  readonly minutes: number;
}

const MOST_LINES = 8;

export async function readAccounts(gateway: string, config: string): Promise<AccountBalance[]> {
  const { accounts } = await runJson([gateway, 'accounts', '--config', config, '--json']);
  return accounts as AccountBalance[];
}

/** The largest first. */
export function accountLines(accounts: readonly AccountBalance[]): string[] {
  const filled = accounts.filter(({ minutes }) => minutes > 0).sort((a, b) => b.minutes - a.minutes);
  if (filled.length === 0) return ['Nobody has earned minutes yet: whoever checked in has not checked out.'];
  const shown = filled
    .slice(0, MOST_LINES)
    .map(({ account, minutes }) => `  ${account.padEnd(14)} ${minutes}`);
  const rest = filled.length - shown.length;
  return [
    'Minutes in the accounts of residents (timeband-gateway accounts, balance, statement):',
    ...shown,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}
