/** The published vectors are what the code writes, by the library whose signatures are all deterministic (RFC 6979). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { makeVectors, vectorText } from './make/index.js';

vi.mock('#primitives', () => import('../crypto/portable.js'));

describe('the published vectors', () => {
  const folder = new URL('../../vectors/', import.meta.url);
  const made = makeVectors();

  it.each([...made.keys()])('of %s are what the code writes', (name) => {
    const file = made.get(name);
    const published = readFileSync(new URL(`${name}.json`, folder), 'utf8');
    expect(file === undefined ? '' : vectorText(file)).toBe(published);
  });

  it('hold nothing that the code does not write', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(names.sort()).toEqual([...made.keys()].map((name) => `${name}.json`).sort());
  });
});
