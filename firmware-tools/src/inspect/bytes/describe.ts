/** A finding as people read it: what it is, the verdicts, the bytes with their meaning, and what is inside. */
import type { Finding, Judgement } from './finding.js';

const MARK = { good: '✓', bad: '✗', unjudged: '?' } as const;

export interface DescribeOptions {
  /** Leave out the commented hexadecimal. */
  readonly isBrief?: boolean;
}

export function describeFinding(finding: Finding, options: DescribeOptions = {}, indent = ''): string {
  const { what, bytes, says, verdicts, lines, parts } = finding;
  const inner = `${indent}  `;
  return [
    `${indent}${what}, ${bytes} byte${bytes === 1 ? '' : 's'}${says === '' ? '' : `: ${says}`}`,
    ...verdicts.map((verdict) => `${inner}${describeVerdict(verdict)}`),
    ...(options.isBrief === true ? [] : lines.map((line) => `${inner}  ${line}`)),
    ...parts.map((part) => describeFinding(part, { ...options, isBrief: true }, inner)),
  ].join('\n');
}

function describeVerdict({ holds, says, code }: Judgement): string {
  const mark = holds === undefined ? MARK.unjudged : holds ? MARK.good : MARK.bad;
  return `${mark} ${says}${code === undefined ? '' : ` (${code})`}`;
}
