/** The month of an organisation: what it organised, what it supplied, what it has. */
import {
  type CborMap,
  decodeRecord,
  encode,
  KIND,
  readActivity,
  readRedeem,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import { z } from 'zod';
import { nameOf } from '../../ledger/index.js';
import { nextTurn } from '../../next-turn.js';
import type { EventSourceRow } from '../../store/index.js';
import type { Desk } from '../desk.js';
import { shownMonth, spanOfMonth } from '../month.js';
import { question, STAFF } from '../question.js';
import { accountName, minutes, month, seconds } from '../shapes.js';

const names = z.object({ zh: z.string(), en: z.string() });

const activity = z
  .object({
    activity: z.string().meta({ description: 'Id, hexadecimal.' }),
    service: z.int(),
    name: names.optional(),
    phase: z.enum(['planned', 'opened', 'closed', 'cancelled']),
    planned: seconds,
    started: seconds.nullable(),
    ended: seconds.nullable(),
    attended: z.int().meta({ description: 'How many came; 0 before it is closed.' }),
    minutes: minutes.meta({
      description: 'Given under it: as many times its length as people came. Not what was posted.',
    }),
  })
  .meta({ id: 'OrganisationActivity' });

export const organisationReport = question({
  name: 'organisation',
  path: '/v1/organisations/{account}',
  says: 'Of a month: activities that an organisation held, services that it supplied, and what is in its account now.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { parameter: 'account' },
  asks: z.object({ account: accountName, month }),
  answers: z
    .object({
      account: accountName,
      month: z.string(),
      timeZone: z.string(),
      balance: minutes,
      held: minutes,
      activities: z.array(activity),
      services: z.array(
        z
          .object({
            service: z.int(),
            name: names.optional(),
            redemptions: z.int(),
            minutes: minutes.meta({ description: 'That residents spent on it.' }),
            open: z.int().meta({ description: 'Promised in this month, and neither spent nor given back.' }),
            released: z.int().meta({ description: 'Given back in this month: cancelled, nobody came.' }),
          })
          .meta({ id: 'OrganisationService' }),
      ),
      totals: z.object({
        held: z.int(),
        attended: z.int(),
        given: minutes,
        supplied: z.int(),
        redeemed: minutes,
      }),
    })
    .meta({
      id: 'OrganisationReport',
      description: 'Activities that were planned for the month or closed in it.',
    }),
  answer: async (desk, { account, month: asked }) => {
    const { ledger, now } = desk;
    const chosen = asked ?? shownMonth(now(), ledger.zone);
    const [from, to] = spanOfMonth(chosen, ledger.zone);
    const rows = await rowsOf(desk, account, from, to);
    if (rows.length === 0 && desk.store.ledger.account(account) === undefined) return undefined;
    const activities = activitiesOf(desk, account, rows, from, to);
    const services = servicesOf(desk, account, rows, from, to);
    const { minutes: balance, held } = ledger.balance(account);
    const closed = activities.filter(({ phase }) => phase === 'closed');
    const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
      all.reduce((n, one) => n + of(one), 0);
    return {
      ...{ account, month: chosen, timeZone: ledger.zone, balance, held, activities, services },
      totals: {
        ...{
          held: closed.length,
          attended: sum(closed, (one) => one.attended),
          given: sum(closed, (one) => one.minutes),
        },
        ...{
          supplied: sum(services, (one) => one.redemptions),
          redeemed: sum(services, (one) => one.minutes),
        },
      },
    };
  },
});

/** Events looked through between two rests: some milliseconds. */
const AT_ONCE = 4_000;
/** What readers logged may come so much later, seconds. */
const LATE = 45 * 86_400;
/** And an activity is planned so long before it is held. */
const EARLY = 31 * 86_400;

/** Records about activities and redemptions that name it, from about that time. */
async function rowsOf({ store }: Desk, account: string, from: number, to: number): Promise<EventSourceRow[]> {
  const head = store.lastCommit()?.last ?? 0;
  const first = store.positionAt(from - EARLY);
  const end = Math.min(head, store.positionAt(to + LATE));
  const sought = { needles: [encode(account)], bands: [] };
  const rows: EventSourceRow[] = [];
  for (let next = first + 1; next <= end; next += AT_ONCE) {
    for (const seq of store.mentions.events(sought, next, Math.min(end, next + AT_ONCE - 1)))
      rows.push(...store.events(seq, seq).filter(({ doubted }) => doubted !== true));
    await nextTurn();
  }
  return rows;
}

function activitiesOf(
  { ledger }: Desk,
  account: string,
  rows: readonly EventSourceRow[],
  from: number,
  to: number,
) {
  const found = new Map<string, z.input<typeof activity>>();
  for (const row of rows) {
    const said = readOf(row, KIND.activity, readActivity);
    if (said === undefined) continue;
    const { service, phase, plannedStart: planned, started, ended, attended = 0, organiser } = said;
    if (organiser !== account) continue;
    const id = toHex(said.activity);
    const before = found.get(id)?.phase;
    if (before === 'closed' || before === 'cancelled' || (before === 'opened' && phase === 'planned'))
      continue;
    const name = ledger.policyAt(row.seq).catalogue.services.get(service)?.name;
    const length = started === undefined || ended === undefined ? 0 : Math.floor((ended - started) / 60);
    found.set(id, {
      ...{ activity: id, service, phase, planned, started: started ?? null, ended: ended ?? null },
      ...(name !== undefined && { name }),
      ...{ attended, minutes: phase === 'closed' ? attended * length : 0 },
    });
  }
  const within = (at: number): boolean => at >= from && at < to;
  return [...found.values()].filter(({ planned, ended }) => within(ended ?? planned));
}

function servicesOf(desk: Desk, account: string, rows: readonly EventSourceRow[], from: number, to: number) {
  const found = new Map<number, { redemptions: number; minutes: number; open: number; released: number }>();
  for (const row of rows) {
    if (row.time.latest < from || row.time.latest >= to) continue;
    const said = readOf(row, KIND.redeem, readRedeem);
    if (said === undefined) continue;
    const { phase, supplier, service, redemption } = said;
    if (supplier !== account) continue;
    const came = cameTo(desk, row, toHex(redemption));
    if (came === undefined) continue;
    const sum = found.get(service) ?? { redemptions: 0, minutes: 0, open: 0, released: 0 };
    found.set(service, sum);
    if (phase === 'capture') {
      sum.redemptions++;
      sum.minutes += came.minutes;
    } else if (phase === 'release') sum.released++;
    else if (!came.isEnded) sum.open++;
  }
  const { services } = desk.ledger.policy.catalogue;
  return [...found].map(([service, sums]) => {
    const name = services.get(service)?.name;
    return { service, ...(name !== undefined && { name }), ...sums };
  });
}

/** What a redemption's record did in the ledger; nothing where it did nothing. */
function cameTo({ store, ledger }: Desk, row: EventSourceRow, redemption: string) {
  const [hold] = store.ledger.eventsNaming(nameOf.hold(redemption)).flatMap((seq) => store.events(seq, seq));
  if (hold?.band === undefined) return undefined;
  const place = { at: hold.time.latest, log: toHex(hold.logId), seq: hold.logSeq, part: 0 };
  const resident = ledger.accountOf(hold.band, place);
  if (resident === undefined) return undefined;
  const at = row.time.latest;
  for (const { event, outcome, minutes: moved } of ledger.lines(resident, { from: at, to: at + 1 })) {
    if (event !== row.seq || outcome !== 'posted') continue;
    const isEnded = store.ledger.eventsNaming(nameOf.spend(redemption)).length > 0;
    return { minutes: moved, isEnded };
  }
  return undefined;
}

/** A body that does not read has no effect. */
function readOf<T>({ record }: EventSourceRow, kind: number, read: (body: CborMap) => T): T | undefined {
  try {
    const found = decodeRecord(record);
    return found.kind === kind ? read(found.body) : undefined;
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
