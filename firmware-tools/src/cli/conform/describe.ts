/** A report for people: what failed and why, what was left out, and the verdict. */
import { AREAS, type CheckResult, type ConformReport } from '../../conform/index.js';

export function describeReport(report: ConformReport): string {
  const { device, site, role, firmware, hardware, results, passed, failed, skipped, conforms } = report;
  const areas = [...new Set(results.map(({ area }) => area))];
  const verdict = conforms
    ? `conforms${skipped > 0 ? ' in what was checked' : ''}`
    : failed > 0
      ? 'does not conform'
      : 'was not examined to the end';
  return [
    `${device}, ${role} of ${site}, ${firmware} on ${hardware}`,
    '',
    ...areas.map((area) =>
      summary(
        AREAS[area],
        results.filter((result) => result.area === area),
      ),
    ),
    '',
    ...results.filter(({ verdict }) => verdict === 'failed').flatMap(failure),
    ...leftOut(results),
    `${passed} passed, ${failed} failed, ${skipped} left out: it ${verdict}`,
  ].join('\n');
}

function summary(name: string, results: readonly CheckResult[]): string {
  const marks = results.map(({ verdict }) => ({ passed: '✓', failed: '✗', skipped: '·' })[verdict]).join('');
  return `  ${name.padEnd(18)} ${marks}`;
}

function failure({ id, title, section, reason = '', trace = [] }: CheckResult): string[] {
  return [
    `✗ ${id}: ${title}  (SPEC.md, ${section})`,
    `    ${reason}`,
    ...trace.slice(-4).map((line) => `    ${line}`),
    '',
  ];
}

/** For each reason how many, since there are few reasons and many checks. */
function leftOut(results: readonly CheckResult[]): string[] {
  const reasons = new Map<string, number>();
  for (const { verdict, reason = '' } of results)
    if (verdict === 'skipped') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const lines = [...reasons].map(([reason, count]) => `${count} left out: ${reason}`);
  return lines.length === 0 ? [] : [...lines, ''];
}
