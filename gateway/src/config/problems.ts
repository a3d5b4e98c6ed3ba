/** What is wrong with settings, in sentences: where it stands, what it should be, and what was perhaps meant. */
import leven from 'leven';
import type { z } from 'zod';
import { namesAt, type PathPart, SETTINGS, wordsAt } from './settings-tree.js';
import { dotted, type Origin, variableFor } from './sources.js';

type Issue = z.core.$ZodIssue;

export interface ProblemContext {
  readonly file: string;
  readonly settings: unknown;
  readonly originOf: (path: readonly PathPart[]) => Origin;
}

/** One line each. */
export function describeProblems(issues: readonly Issue[], context: ProblemContext): string[] {
  return [...new Set(issues.flatMap((issue) => describe(issue, [], context)))];
}

function describe(issue: Issue, above: readonly PathPart[], context: ProblemContext): string[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => say([...path, key], unknown([...path, key], context), context));
  const value = valueAt(context.settings, path);
  if (issue.code === 'invalid_union' && isPlainObject(value)) {
    const best = [...issue.errors].sort((a, b) => weight(a) - weight(b))[0] ?? [];
    return best.flatMap((inner) => describe(inner, path, context));
  }
  if (isSpoken(issue)) return [say(path, issue.message + isNow(value), context)];
  const should = wordsAt(path) ?? 'there';
  if (value === undefined) return [say(path, `is missing; it should be ${should}`, context)];
  return [say(path, `should be ${should}${isNow(value)}`, context)];
}

/** Whether the schema itself says what is wanted, in words of ours. */
function isSpoken({ code, message }: Issue): boolean {
  return (code === 'custom' || code === 'invalid_format') && !message.startsWith('Invalid');
}

/** Of the ways in which something may be given the one that least is wrong with was meant. */
function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function unknown(path: readonly PathPart[], context: ProblemContext): string {
  const meant = meantBy(path);
  if (meant.length === 0) return 'there is no such setting; docs/settings.md has them all';
  const name = context.originOf(path).kind === 'environment' ? variableFor : dotted;
  return `there is no such setting; did you mean ${meant.map(name).join(' or ')}?`;
}

/** More than this could be anything. */
const MAX_MEANT = 2;

/** A name beside it that is written much like it, or else the same name elsewhere. */
function meantBy(path: readonly PathPart[]): readonly (readonly PathPart[])[] {
  const name = String(path.at(-1) ?? '');
  const parent = path.slice(0, -1);
  const farthest = Math.max(2, Math.floor(name.length / 3));
  const near = namesAt(parent)
    .map((known) => ({ known, distance: leven(known.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance)[0];
  if (near !== undefined) return [[...parent, near.known]];
  const elsewhere = SETTINGS.filter((setting) => setting.name === name && !setting.path.includes('['));
  return elsewhere.length > MAX_MEANT ? [] : elsewhere.map((setting) => setting.path.split('.'));
}

function say(path: readonly PathPart[], what: string, { file, originOf }: ProblemContext): string {
  const origin = originOf(path);
  if (origin.kind === 'environment') return `  ${origin.variable}: ${what}`;
  if (origin.kind === 'set') return `  ${origin.argument}: ${what}`;
  const line = origin.line === undefined ? '' : `:${origin.line}`;
  return `  ${file}${line}: ${dotted(path) || 'the whole file'}: ${what}`;
}

function valueAt(settings: unknown, path: readonly PathPart[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value))
      return typeof part === 'number' ? (value as readonly unknown[])[part] : undefined;
    return isPlainObject(value) && Object.hasOwn(value, part) ? value[String(part)] : undefined;
  }, settings);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_SHOWN = 60;

/** What it is now, shortened, and without the password that somebody wrote into an address. */
function isNow(value: unknown): string {
  if (value === undefined || (typeof value === 'object' && value !== null)) return '';
  const text = JSON.stringify(value).replaceAll(/\/\/[^/"@]*@/g, '//…@');
  return ` (it is ${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text})`;
}
