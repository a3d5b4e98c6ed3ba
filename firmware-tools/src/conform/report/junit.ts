/** A report as JUnit XML, one suite an area, as continuous integration reads it. */
import { AREAS, type Area } from '../check.js';
import type { CheckResult, ConformReport } from '../run.js';
import { escapeMarkup } from './markup.js';

export function toJunit(report: ConformReport): string {
  const { results, device, at } = report;
  const areas = [...new Set(results.map(({ area }) => area))];
  const suites = areas.flatMap((area) =>
    suite(
      area,
      results.filter((result) => result.area === area),
      at,
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeMarkup(`Timeband protocol 1: ${device}`)}" ${counts(results)}>`,
    ...suites,
    '</testsuites>',
  ].join('\n');
}

function suite(area: Area, results: readonly CheckResult[], at: number): string[] {
  const timestamp = new Date(at * 1_000).toISOString().slice(0, 19);
  return [
    `  <testsuite name="${AREAS[area]}" ${counts(results)} timestamp="${timestamp}">`,
    ...results.flatMap(testCase),
    '  </testsuite>',
  ];
}

function testCase({ id, area, section, title, verdict, reason = '', trace = [], ms }: CheckResult): string[] {
  const name = escapeMarkup(`${id}: ${title} (SPEC.md, ${section})`);
  const head = `    <testcase classname="timeband.${area}" name="${name}" time="${(ms / 1_000).toFixed(3)}"`;
  if (verdict === 'passed') return [`${head}/>`];
  const inner =
    verdict === 'skipped'
      ? `      <skipped message="${escapeMarkup(reason)}"/>`
      : `      <failure message="${escapeMarkup(reason)}">${escapeMarkup(trace.join('\n'))}</failure>`;
  return [`${head}>`, inner, '    </testcase>'];
}

function counts(results: readonly CheckResult[]): string {
  const count = (verdict: CheckResult['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length;
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1_000;
  return `tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
}
