/** The simulated devices do what SPEC.md says, and `bandctl conform` finds out when one does not. */
import { describe, expect, it } from 'vitest';
import { examine } from './support/conform.js';

describe('a simulated reader', () => {
  it.each([
    ['on a trusted line', false],
    ['on a link that nobody trusts', true],
  ])('%s passes every check', async (_, untrustedLink) => {
    const { results, ...report } = await examine({ reader: { untrustedLink } });
    expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(report.conforms).toBe(true);
    const leftOut = results.filter(({ verdict }) => verdict === 'skipped').map(({ area }) => area);
    expect([...new Set(leftOut)]).toEqual(untrustedLink ? [] : ['session']);
  });
});
