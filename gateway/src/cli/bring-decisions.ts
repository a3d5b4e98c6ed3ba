/** Brings many decisions to the running gateway, one after the other; what one comes to does not stop the others. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Submitted } from '../api/index.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';

/** Of one file. */
export type Brought =
  | { readonly file: string; readonly state: 'counts' | 'before' | 'noEffect'; readonly answer: Submitted }
  | { readonly file: string; readonly state: 'refused'; readonly problem: string; readonly exitCode: number };

/** Larger is no decision: four signatures are some 600 bytes. */
const MOST_BYTES = 32_768;

/** Those that are named, and all in a folder by their names, each once; enrolments first, so that accounts are there. */
export function decisionFiles(paths: readonly string[]): readonly string[] {
  const order = new Intl.Collator('en', { numeric: true });
  const files = paths.flatMap((path) => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith('.json'));
    if (names.length === 0) throw new CommandFailure(EXIT.notFound, `There are no decisions in ${path}`);
    return names.sort((a, b) => order.compare(a, b)).map((name) => join(path, name));
  });
  const all = [...new Set(files)];
  const isEnrolment = (file: string): boolean => textOf(file)?.includes('"enrol"') === true;
  const first = new Set(all.filter(isEnrolment));
  return [...first, ...all.filter((file) => !first.has(file))];
}

export interface Bringing {
  /** @throws CommandFailure saying why it does not count */
  readonly bring: (record: string) => Promise<Submitted>;
  readonly told: (brought: Brought) => void;
  /** Whether somebody wants it to end. */
  readonly isOver: () => boolean;
}

/** Ends early where the gateway is gone or takes nothing: what is left would fare the same. */
export async function bringAll(
  files: readonly string[],
  { bring, told, isOver }: Bringing,
): Promise<Brought[]> {
  const all: Brought[] = [];
  for (const file of files) {
    if (isOver()) break;
    const one = await bringOne(file, bring);
    all.push(one);
    told(one);
    if (one.state === 'refused' && isHopeless(one.exitCode) && existsNow(file)) break;
  }
  return all;
}

/** 0 when all count, 4 when none does, 5 when some do; what stopped it where nothing was done before. */
export function exitCodeOf(files: readonly string[], all: readonly Brought[]): number {
  const good = all.filter(({ state }) => state === 'counts' || state === 'before').length;
  if (good === files.length) return 0;
  if (good > 0) return EXIT.failed;
  const last = all.at(-1);
  return last?.state === 'refused' && all.length === 1 ? last.exitCode : EXIT.refused;
}

async function bringOne(file: string, bring: Bringing['bring']): Promise<Brought> {
  const refused = (problem: string, exitCode: number): Brought => ({
    file,
    state: 'refused',
    problem,
    exitCode,
  });
  const text = textOf(file);
  if (text === undefined) return refused('cannot be read', EXIT.notFound);
  if (!isJson(text)) return refused('it is none that bandctl draft wrote', EXIT.refused);
  try {
    const answer = await bring(text);
    return { file, state: stateOf(answer), answer };
  } catch (error) {
    if (error instanceof CommandFailure) return refused(error.message, error.exitCode);
    throw error;
  }
}

/** What it came to where it moved nothing: the first account's, which gives where minutes are given. */
export function whyNot({ accounts }: Submitted): string | undefined {
  return accounts.find(({ outcome }) => outcome !== 'posted' && outcome !== 'noted')?.outcome;
}

function stateOf(answer: Submitted): 'counts' | 'before' | 'noEffect' {
  if (whyNot(answer) !== undefined) return 'noEffect';
  return answer.repeated ? 'before' : 'counts';
}

function isHopeless(exitCode: number): boolean {
  return exitCode === EXIT.notFound || exitCode === EXIT.failed;
}

function existsNow(file: string): boolean {
  return textOf(file) !== undefined;
}

/** Nothing where it cannot be read, or is too large to be a decision. */
function textOf(file: string): string | undefined {
  try {
    if (statSync(file).size > MOST_BYTES) return '';
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
