/** Questions about matters: who needs what, who has it, and how long it took. */
import { CATEGORY, REQUEST_LEVEL, REQUEST_PHASE, toHex, URGENCY } from '@timeband/protocol';
import { z } from 'zod';
import type { NamedMatter } from '../../matters/index.js';
import { shownMonth, spanOfMonth } from '../month.js';
import { ALL, question, STAFF } from '../question.js';
import { month, number, seconds } from '../shapes.js';

const keys = <Name extends string>(names: Readonly<Record<Name, number>>) =>
  z.enum(Object.keys(names) as [Name, ...Name[]]);
export const levelName = keys(REQUEST_LEVEL);
export const phaseName = keys(REQUEST_PHASE);
export const urgencyName = keys(URGENCY);
export const categoryName = keys(CATEGORY);
export const matterId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'not the id of a matter')
  .meta({ description: 'Of the matter, hexadecimal.' });
const who = z.string().nullable();

const shown = z.object({
  matter: matterId,
  phase: phaseName,
  category: z.string().meta({ description: 'A name of SPEC.md, or the site’s own number.' }),
  urgency: urgencyName,
  level: levelName.meta({ description: 'Where it is now.' }),
  raised: seconds,
  asker: who.meta({ description: 'Band, reader or operator that raised it; null: the gateway itself.' }),
  account: who.meta({ description: 'Whose band that is.' }),
  about: who.meta({ description: 'Account that it is about, where it says so.' }),
  handler: who,
  due: seconds.nullable().meta({ description: 'When it goes to the next level, or is overdue at the last.' }),
  resolved: seconds.nullable(),
  confirmed: seconds.nullable(),
  escalated: z.array(seconds).meta({ description: 'When it went to the next level by itself.' }),
});
export const listed = shown.meta({ id: 'MatterLine' });
const whole = shown
  .extend({
    steps: z.array(
      z.object({
        event: z.int(),
        at: seconds,
        phase: phaseName,
        by: who,
        handler: who,
        outcome: z.string().meta({ description: '`counts`, or why it changed nothing: docs/matters.md.' }),
      }),
    ),
  })
  .meta({ id: 'Matter' });

const CATEGORIES = new Map<number, string>(Object.entries(CATEGORY).map(([name, n]) => [n, name]));

export function tell({ request, asker, category, ...matter }: NamedMatter): z.infer<typeof listed> {
  const { phase, urgency, level, raised, escalated, about, handler, due, resolved, confirmed } = matter;
  return {
    matter: toHex(request),
    category: CATEGORIES.get(category) ?? String(category),
    ...{ phase, urgency, level, raised, escalated: [...escalated] },
    ...{ asker: asker.id ?? null, account: asker.account ?? null },
    ...{ about: about ?? null, handler: handler ?? null },
    ...{ due: due ?? null, resolved: resolved ?? null, confirmed: confirmed ?? null },
  };
}

export const listMatters = question({
  name: 'matters',
  path: '/v1/matters',
  says: 'Matters that are not settled yet, the oldest first.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { parameter: 'handler' },
  asks: z.object({
    level: levelName.optional().meta({ description: 'Only those that are at this level now.' }),
    handler: z.string().max(40).optional().meta({ description: 'Only what this account has.' }),
    overdue: z.enum(['true', 'false']).default('false').meta({ description: 'Only what waits too long.' }),
    after: z.string().max(32).optional().meta({ description: '`next` of the page before.' }),
    limit: number(1, 500).default(100),
  }),
  answers: z.object({ matters: z.array(listed), next: z.string().optional() }).meta({
    id: 'Matters',
    description: 'There is more where `next` is there.',
  }),
  answer: ({ matters, now }, { level, handler, overdue, after, limit }) => {
    const found: NamedMatter[] = [];
    let skipping = after !== undefined;
    for (const matter of matters.open(now())) {
      if (skipping) {
        skipping = toHex(matter.request) !== after;
        continue;
      }
      if (level !== undefined && matter.level !== level) continue;
      if (handler !== undefined && matter.handler !== handler) continue;
      const isLate = matter.escalated.length > 0 || (matter.due ?? Infinity) <= now();
      if (overdue === 'true' && !isLate) continue;
      if (found.length === limit) return { matters: found.map(tell), next: toHex(last(found).request) };
      found.push(matter);
    }
    return { matters: found.map(tell) };
  },
});

function last(found: readonly NamedMatter[]): NamedMatter {
  const matter = found.at(-1);
  if (matter === undefined) throw new RangeError('a page without a matter');
  return matter;
}

export const matterOf = question({
  name: 'matter',
  path: '/v1/matters/{matter}',
  says: 'One matter with every step that was taken, and what became of it.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { owns: ({ handler }, organisation) => handler === organisation },
  asks: z.object({ matter: matterId }),
  answers: whole,
  answer: ({ matters, now }, { matter }) => {
    const found = matters.find(Buffer.from(matter, 'hex'), now());
    if (found === undefined) return undefined;
    const steps = found.steps.map(({ by, handler, ...step }) => ({
      ...step,
      ...{ by: by ?? null, handler: handler ?? null },
    }));
    return { ...tell(found), steps };
  },
});

export const matterFigures = question({
  name: 'matterFigures',
  path: '/v1/matter-figures',
  says: 'Of a month: how many matters were raised and settled, at which level, and how long it took.',
  roles: ALL,
  asks: z.object({
    month,
  }),
  answers: z
    .object({
      month: z.string(),
      raised: z.int(),
      settled: z.int().meta({ description: 'Confirmed in this month, whenever it was raised.' }),
      levels: z.array(
        z.object({
          level: levelName,
          settled: z.int(),
          percent: z.int().meta({ description: 'Of all that were settled.' }),
          medianMinutes: z.int().nullable().meta({ description: 'From raised to resolved.' }),
          longestMinutes: z.int().nullable(),
          open: z.int().meta({ description: 'Now, of whatever month.' }),
        }),
      ),
    })
    .meta({ id: 'MatterFigures' }),
  answer: ({ matters, ledger, now }, { month: asked }) => {
    const chosen = asked ?? shownMonth(now(), ledger.zone);
    const [from, to] = spanOfMonth(chosen, ledger.zone);
    const { raised, settled, levels } = matters.figures(from, to);
    const open = [...matters.open(now())];
    return {
      ...{ month: chosen, raised, settled },
      levels: levels.map(({ level, settled: here, median, longest }) => ({
        ...{ level, settled: here, percent: settled === 0 ? 0 : Math.round((here * 100) / settled) },
        ...{ medianMinutes: median ?? null, longestMinutes: longest ?? null },
        open: open.filter((matter) => matter.level === level).length,
      })),
    };
  },
});
