/** Derives the ledger of a database in a process of its own, so that its memory is what is measured. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Derived {
  readonly digest: string;
  readonly entries: number;
  readonly perSecond: number;
  /** The same events read and decoded, and nothing done with them: what no ledger can be faster than. */
  readonly readPerSecond: number;
  /** The most that it was. */
  readonly rssMb: number;
  /** Medians, of accounts that were not asked for before. */
  readonly balanceMs: number;
  readonly pastBalanceMs: number;
  readonly statementMs: number;
  readonly statementLines: number;
  /** A ledger that is there, opened as a start of the gateway does. */
  readonly openMs: number;
}

export async function derive(file: string): Promise<Derived> {
  const program = fileURLToPath(new URL('derive-bin.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, file]);
  return JSON.parse(stdout) as Derived;
}
