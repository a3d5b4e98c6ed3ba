/** The file of settings as YAML, with the line of each. */
import { readFileSync } from 'node:fs';
import type { Document } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigError } from './error.js';
import type { PathPart } from './settings-tree.js';

export interface ConfigFile {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** @throws ConfigError */
export function readConfigFile(file: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `cannot read ${file}: ${(error as Error).message}. Make one with: timeband-gateway init DIR`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new ConfigError(
      `${file}${line === undefined ? '' : `:${line}`} is not YAML: ${error.message.trimEnd()}`,
    );
  }
  return { file, document, lines };
}

/** Its settings, not checked. @throws ConfigError */
export function contentOf({ file, document }: Pick<ConfigFile, 'file' | 'document'>): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    throw new ConfigError(`${file} is not YAML: ${(error as Error).message}`); // aliases without end
  }
}

/** The line that a setting, or else what it should be in, stands on; from 1. */
export function lineOf({ document, lines }: ConfigFile, path: readonly PathPart[]): number | undefined {
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      line = startOf(node, lines) ?? line;
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? key.value : key) === part);
      if (pair === undefined) break;
      line = startOf(pair.key, lines) ?? line;
      node = pair.value;
    } else break;
  }
  return line;
}

/** Whether the file itself says something of a setting. */
export function isGiven({ document }: ConfigFile, path: readonly PathPart[]): boolean {
  return document.hasIn(path);
}

function startOf(node: unknown, lines: LineCounter): number | undefined {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range ? lines.linePos(range[0]).line : undefined;
}
