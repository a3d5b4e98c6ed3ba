/** A report as TAP version 14 (https://testanything.org). */
import type { CheckResult, ConformReport } from '../run.js';

export function toTap({
  results,
  device,
  firmware,
  hardware,
  passed,
  failed,
  skipped,
}: ConformReport): string {
  return [
    'TAP version 14',
    `# ${device}, ${firmware} on ${hardware}`,
    `1..${results.length}`,
    ...results.flatMap((result, index) => lines(result, index + 1)),
    `# passed ${passed}, failed ${failed}, skipped ${skipped}`,
  ].join('\n');
}

function lines({ id, section, title, verdict, reason, trace, ms }: CheckResult, number: number): string[] {
  const skip = verdict === 'skipped' ? ` # SKIP ${oneLine(reason ?? '')}` : '';
  const status = verdict === 'failed' ? 'not ok' : 'ok';
  const line = `${status} ${number} - ${id}: ${escaped(title)}${skip}`;
  if (verdict !== 'failed') return [line];
  return [
    line,
    '  ---',
    `  message: ${JSON.stringify(reason)}`,
    `  section: ${JSON.stringify(section)}`,
    `  duration_ms: ${ms}`,
    ...(trace === undefined || trace.length === 0
      ? []
      : ['  trace:', ...trace.map((entry) => `    - ${JSON.stringify(entry)}`)]),
    '  ...',
  ];
}

/** A number sign would begin a directive. */
function escaped(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
