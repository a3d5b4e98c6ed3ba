/** Questions about events, about the ledger as a whole, and about how the box fares. */
import { decodeRecord, eventTypeOf, sha256, toBase64, toHex } from '@timeband/protocol';
import { z } from 'zod';
import { account, FUND } from '../../ledger/index.js';
import { nextTurn } from '../../next-turn.js';
import type { EventSourceRow } from '../../store/index.js';
import type { Desk } from '../desk.js';
import { ALL, HOUSE, question, STAFF } from '../question.js';
import { eventAnswer, minutes, number, seconds } from '../shapes.js';

export const eventAt = question({
  name: 'event',
  path: '/v1/events/{event}',
  needsNoBooks: true,
  says: 'One event: the record as its device logged it, what it is worth, and the receipt that proves it.',
  roles: STAFF,
  isPersonal: true,
  asks: z.object({ event: number(1, 2 ** 31) }),
  answers: eventAnswer,
  answer: async (desk, { event }) => {
    const [row] = desk.store.events(event, event);
    return row && tellEvent(desk, row);
  },
});

export async function tellEvent(
  { store, receipt }: Pick<Desk, 'store' | 'receipt'>,
  row: EventSourceRow,
): Promise<z.input<typeof eventAnswer>> {
  const { seq: event } = row;
  const proof = await receipt(event);
  return {
    event,
    type: eventTypeOf(decodeRecord(row.record).kind),
    record: { device: row.device, log: toHex(row.logId), seq: row.logSeq },
    evidence: row.evidence,
    earliest: row.time.earliest ?? null,
    latest: row.time.latest,
    recorded: store.commitOf(event)?.recorded ?? null,
    band: row.band ?? null,
    doubted: row.doubted ?? false,
    vouched: row.vouched,
    replaced: row.erased !== undefined,
    bytes: toBase64(row.record),
    hash: toHex(sha256(row.record)),
    seal: toHex(row.sealId),
    receipt: proof === undefined ? null : toBase64(proof),
  };
}

export const figures = question({
  name: 'figures',
  path: '/v1/figures',
  says: 'Sums over all accounts, and what each service was given less what was redeemed for it.',
  roles: ALL,
  asks: z.object({}),
  answers: z
    .object({
      event: z.int().meta({ description: 'Position of the last event that is in it.' }),
      accounts: z.int(),
      deposited: minutes.meta({ description: 'In all accounts together.' }),
      held: minutes,
      fund: minutes,
      services: z.array(z.object({ code: z.int(), name: z.string().optional(), given: minutes })),
      balanced: z.boolean().meta({ description: 'All accounts together come to 0, as they have to.' }),
    })
    .meta({ id: 'Figures' }),
  answer: ({ ledger, store }) => {
    const { accounts, deposited, held, services, corrections } = store.ledger.sums();
    const prefix = account.service(0).slice(0, -1);
    const rows = store.ledger.findAccounts('own', prefix, '', 70_000);
    return {
      ...{ event: ledger.position.event, accounts, deposited, held },
      fund: ledger.balance(FUND).minutes,
      services: rows.map(({ name, balance }) => {
        const code = Number(name.slice(prefix.length));
        const zh = ledger.policy.catalogue.services.get(code)?.name.zh;
        return { code, ...(zh !== undefined && { name: zh }), given: balance === 0 ? 0 : -balance };
      }),
      balanced: deposited + held + services + corrections === 0,
    };
  },
});

export const digest = question({
  name: 'digest',
  path: '/v1/ledger/digest',
  says: 'SHA-256 over all accounts and the whole journal: two gateways with the same records have the same.',
  roles: HOUSE,
  asks: z.object({}),
  answers: z
    .object({ event: z.int(), entry: z.int(), digest: z.string(), timeZone: z.string() })
    .meta({ id: 'Digest' }),
  answer: async ({ ledger }) => {
    const { event, entry } = ledger.position;
    return { event, entry, digest: await digestOf(ledger), timeZone: ledger.zone };
  },
});

/** Other work goes on meanwhile: a journal may have millions of entries. */
async function digestOf(ledger: Desk['ledger']): Promise<string> {
  const work = ledger.digestInSteps();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

export const health = question({
  name: 'health',
  path: '/v1/health',
  needsNoBooks: true,
  says: 'Whether the gateway can do its work, and how far it and its ledger are.',
  roles: ALL,
  asks: z.object({}),
  answers: z
    .object({
      ...{ site: z.string(), gateway: z.string(), version: z.string() },
      uptime: seconds.meta({ description: 'Seconds since the start.' }),
      ready: z.boolean(),
      checks: z.array(
        z.object({ name: z.string(), good: z.boolean(), needed: z.boolean(), says: z.string() }),
      ),
      stored: z.object({
        ...{ logs: z.int(), records: z.int(), events: z.int(), quarantined: z.int() },
      }),
      ledger: z.object({
        ...{ event: z.int(), entry: z.int() },
        problem: z.string().optional().meta({ description: 'Why nothing is posted any more.' }),
      }),
    })
    .meta({ id: 'Health' }),
  answer: ({ report, readiness, ledger }) => {
    const { site, gateway, version, uptime, stored } = report();
    const { ready, checks } = readiness();
    const { problem } = ledger;
    return {
      ...{ site, gateway, version, uptime, ready, stored },
      checks: checks.map((check) => ({ ...check })),
      ledger: { ...ledger.position, ...(problem !== undefined && { problem }) },
    };
  },
});
