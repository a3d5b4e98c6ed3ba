/** The pages that are made from what the gateway says of itself, and the example alerts, which name its series. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FINDING_CODES, GatewayMetrics, metricsPage, settingsPage } from '@timeband/gateway';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const docs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

describe('the pages made from code', () => {
  it.each([
    ['settings.md', settingsPage],
    ['metrics.md', metricsPage],
  ])('%s says what the code says', async (name, page) => {
    const path = docs(name);
    const text = await format(page(), { ...(await resolveConfig(path)), parser: 'markdown' });
    await expect(text).toMatchFileSnapshot(path);
  });
});

describe('the page of codes', () => {
  it('has every finding of an audit, and no other', () => {
    const [, section = ''] = readFileSync(docs('codes.md'), 'utf8').split('## What an audit finds');
    const told = Array.from(section.matchAll(/^\| `([a-z-]+\/[a-z-]+)`/gm), ([, code]) => code);
    expect(told.toSorted()).toEqual([...FINDING_CODES].sort());
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
const { groups } = parse(readFileSync(docs('alerts.yaml'), 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

describe('the example alerts', () => {
  const described = new GatewayMetrics().describe();

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s asks only for series that there are',
    (_, { expr }) => {
      const wanted = expr.match(/\b(?:timeband|process|nodejs)_\w+/g) ?? [];
      const known = new Set(
        described.flatMap(({ name, type }) =>
          type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
        ),
      );
      expect(wanted.filter((name) => !known.has(name))).toEqual([]);
      if (!expr.startsWith('up{')) expect(wanted).not.toEqual([]);
      const labels = new Map(described.map(({ name, labels: of }) => [name, of]));
      for (const [, name = '', selectors = ''] of expr.matchAll(/\b(timeband_\w+)\{([^}]*)\}/g))
        for (const [, label = ''] of selectors.matchAll(/(\w+)\s*[=!]~?/g))
          expect(labels.get(name), name).toContain(label);
    },
  );

  it('each say how bad it is, what it is and what to do, and have a name of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.description).toMatch(/\.$/);
    }
  });

  it('have one for every alarm that the gateway rings', () => {
    expect(rules.some(({ expr }) => expr.includes('timeband_alarms_total'))).toBe(true);
  });
});
