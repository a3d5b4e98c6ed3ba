/** The table of checks against the text that they cite. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks/index.js';

const spec = readFileSync(new URL('../../../protocol/SPEC.md', import.meta.url), 'utf8');
const titles = new Set([...spec.matchAll(/^#{2,3} (.*)$/gm)].map(([, title]) => title ?? ''));

describe('the checks', () => {
  it('cite sections that SPEC.md has', () => {
    expect(CHECKS.length).toBeGreaterThan(80);
    expect(CHECKS.filter(({ section }) => !titles.has(section)).map(({ id }) => id)).toEqual([]);
  });

  it('have names of their own, which begin with their area', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
    expect(CHECKS.filter(({ id, area }) => !id.startsWith(`${area}-`)).map(({ id }) => id)).toEqual([]);
  });
});
