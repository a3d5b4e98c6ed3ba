/** Files of decisions: those that are named, and all that are in a folder. */
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DecisionFile, DecisionError, parseDecision } from '../approval/decision.js';
import { CommandFailure, EXIT, type ExitCode } from './exit-codes.js';
import { readFileOr } from './files.js';

/** A file, and the decision in it or why there is none. */
export type FoundDecision =
  | { readonly file: string; readonly decision: DecisionFile }
  | { readonly file: string; readonly problem: string; readonly exitCode: ExitCode };

/** Each once, those of a folder by their names. @throws CommandFailure where a folder has none */
export function findDecisions(paths: readonly string[]): FoundDecision[] {
  return [...new Set(paths.flatMap(filesAt))].map(find);
}

/** In the place of what was there, whole or not at all. @throws CommandFailure */
export function replaceDecision(file: string, decision: DecisionFile): void {
  const beside = `${file}.new`;
  try {
    writeFileSync(beside, decisionText(decision));
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new CommandFailure(EXIT.failed, `cannot write ${file}: ${(error as Error).message}`);
  }
}

export function decisionText(decision: DecisionFile): string {
  return `${JSON.stringify(decision, undefined, 2)}\n`;
}

function filesAt(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.json'));
  if (names.length === 0) throw new CommandFailure(EXIT.notReachable, `there are no decisions in ${path}`);
  const order = new Intl.Collator('en', { numeric: true });
  return names.sort((a, b) => order.compare(a, b)).map((name) => join(path, name));
}

function find(file: string): FoundDecision {
  try {
    return { file, decision: parseDecision(new TextDecoder().decode(readFileOr(file, 'the decision'))) };
  } catch (error) {
    if (error instanceof DecisionError)
      return { file, problem: `${file}: ${error.message}`, exitCode: EXIT.refused };
    if (error instanceof CommandFailure) return { file, problem: error.message, exitCode: error.exitCode };
    throw error;
  }
}
