/** SPEC.md is held against the code and the vectors: what either refers to is there, and what it shows is true. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMAND, REFUSAL } from './smp/index.js';

const root = new URL('../../', import.meta.url);
const vectors = new URL('../vectors/', import.meta.url);
const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8');
const titles = new Set([...spec.matchAll(/^#{2,3} (.*)$/gm)].map(([, title]) => title ?? ''));

/** The TypeScript and CDDL files below a folder, but for what is built or installed. */
function sourcesIn(folder: URL): URL[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      return ['node_modules', 'dist'].includes(entry.name)
        ? []
        : sourcesIn(new URL(`${entry.name}/`, folder));
    }
    return /\.(ts|cddl)$/.test(entry.name) ? [new URL(entry.name, folder)] : [];
  });
}

/** GitHub's anchor for a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

describe('SPEC.md', () => {
  it('has every section that a comment or a vector file refers to', () => {
    const named: string[] = [];
    for (const part of ['protocol', 'gateway', 'simulator', 'firmware-tools', 'test']) {
      for (const file of sourcesIn(new URL(`${part}/`, root))) {
        const text = readFileSync(file, 'utf8');
        for (const [, title = ''] of text.matchAll(/SPEC\.md, ([A-Z][A-Za-z0-9 ]*[A-Za-z0-9])/g))
          named.push(title);
      }
    }
    for (const file of readdirSync(vectors).filter((name) => name.endsWith('.json'))) {
      const { section } = JSON.parse(readFileSync(new URL(file, vectors), 'utf8')) as { section: string };
      named.push(section);
    }
    expect(named.length).toBeGreaterThan(100);
    expect([...new Set(named)].filter((title) => !titles.has(title))).toEqual([]);
  });

  it('has every section that it links to, and every section in its contents', () => {
    const anchors = new Set([...titles].map(anchorOf));
    const linked = [...spec.matchAll(/\]\(#([a-z0-9-]+)\)/g)].map(([, anchor]) => anchor ?? '');
    expect(linked.filter((anchor) => !anchors.has(anchor))).toEqual([]);
    const chapters = [...spec.matchAll(/^## (.*)$/gm)].map(([, title]) => anchorOf(title ?? ''));
    expect(chapters.filter((anchor) => !linked.includes(anchor))).toEqual([]);
  });

  it('lists every command and every refusal by its number', () => {
    for (const { id, op, name } of Object.values(COMMAND)) {
      expect(spec).toMatch(new RegExp(`^\\| ${id} +\\| ${op} +\\| ${name} +\\|`, 'm'));
    }
    for (const [name, rc] of Object.entries(REFUSAL)) {
      expect(spec).toMatch(new RegExp(`^\\| ${rc} +\\| ${name} +\\|`, 'm'));
    }
  });
});
