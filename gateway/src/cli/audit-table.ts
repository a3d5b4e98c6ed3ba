/** What an audit came to, for people: a line a log, the sums, and what was found. */
import type { AuditReport, LogAccount } from '../audit/index.js';

const COLUMNS = ['published', 'waiting', 'quarantined', 'duplicate', 'lost'] as const;
const HEAD = ['device', 'epoch', 'records', ...COLUMNS, ''] as const;
/** Told in words at most; the rest is counted. */
const MOST_FINDINGS = 20;

export function auditTable({ logs, totals, events }: AuditReport): string {
  const rows = logs.map((log) => [
    ...[log.device, String(log.epoch), rangeOf(log)],
    ...COLUMNS.map((column) => String(log[column])),
    log.verdict === 'good' ? 'good' : 'BAD',
  ]);
  const sums = COLUMNS.map((column) => String(totals[column]));
  const all = [[...HEAD], ...rows, ['together', '', String(totals.records), ...sums, `${events} events`]];
  const widths = HEAD.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) =>
          i === 0 || i === row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function auditFindings({ findings, counts }: Pick<AuditReport, 'findings' | 'counts'>): string {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const told = findings.slice(0, MOST_FINDINGS).map(({ code, message }) => `BAD  ${code}: ${message}`);
  const more = total - told.length;
  if (more > 0) {
    const kinds = Object.entries(counts).map(([code, n]) => `${code} ${n}`);
    told.push(`and ${more} more, all together: ${kinds.join(', ')}. --json tells the first 200.`);
  }
  return told.join('\n');
}

function rangeOf({ first, last }: LogAccount): string {
  return last < first ? 'none' : `${first}–${last}`;
}
