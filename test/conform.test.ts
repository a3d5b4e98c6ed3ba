/** The simulated devices do what SPEC.md says, and `bandctl conform` finds out when one does not. */
import { describe, expect, it } from 'vitest';
import { BREAK_NAMES, type BreakName, BREAKS } from '@timeband/simulator';
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

/** Whether a break is found by a check of one of these areas. */
const isIn = (name: BreakName, ...areas: readonly string[]): boolean =>
  areas.some((area) => BREAKS[name].check.startsWith(`${area}-`));

describe('a reader that gets one thing wrong', () => {
  it.each(BREAK_NAMES.map((name) => [name, BREAKS[name].check] as const))(
    '(%s) fails %s and nothing else',
    async (name, check) => {
      const { results } = await examine({
        reader: { untrustedLink: isIn(name, 'session') },
        // Restarts take a third of the time, and find nothing of the others.
        options: { isDestructive: isIn(name, 'power', 'flash') },
        spoil: (device) => {
          device.break(name);
        },
      });
      const failed = results.filter(({ verdict }) => verdict === 'failed');
      expect(failed.map(({ id, reason }) => `${id}: ${reason ?? ''}`)).toEqual([
        expect.stringContaining(`${check}: `),
      ]);
    },
  );
});
