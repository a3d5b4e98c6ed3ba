/** What answers are made of. Their names are those of the OpenAPI document. */
import { KIND } from '@timeband/protocol';
import { z } from 'zod';

const EVENT_TYPES = [...Object.keys(KIND), 'other'];

export const minutes = z.int().meta({ description: 'Whole minutes.' });
export const seconds = z.int().min(0).meta({ description: 'Unix seconds.' });
const position = z.int().min(1).meta({ description: 'Position of an event in the event log.' });
export const accountName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9-]+(\/[a-z0-9-]+)?$/, 'not the name of an account')
  .meta({
    description: 'An account: `wang`; the ledger’s own have a slash: `service/601`, `held/wang`.',
  });
/** In a question; {@link momentOf} reads it. */
export const moment = z.string().max(32).meta({
  description:
    'Unix seconds, a date or time where the site is (`2026-03-01`, `2026-03-01T14:30`), or RFC 3339.',
});
export const month = z
  .string()
  .regex(/^\d{4}-\d\d$/, 'a month is 2026-03')
  .optional()
  .meta({ description: 'Where the site is: `2026-03`; this month when left out.' });
export const number = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));

const names = z.object({ zh: z.string(), en: z.string() }).meta({ id: 'Names' });

export const recordPlace = z
  .object({
    device: z.string(),
    log: z.string().meta({ description: 'Id of the log, hexadecimal.' }),
    seq: z.int().min(1),
  })
  .meta({ id: 'RecordPlace', description: 'Where a record stands: in which log of which device.' });

export const balance = z
  .object({
    account: accountName,
    minutes,
    held: minutes.meta({ description: 'Promised and not yet spent; not part of minutes.' }),
  })
  .meta({ id: 'Balance' });

export const hold = z
  .object({
    redemption: z.string().meta({ description: 'Id of the redemption, hexadecimal.' }),
    service: z.int(),
    minutes,
    at: seconds,
    event: position,
  })
  .meta({ id: 'Hold' });

export const band = z
  .object({ band: z.string(), hasKey: z.boolean(), since: position })
  .meta({ id: 'Band', description: 'A band or tag that is the account’s now, since an event.' });

export const line = z
  .object({
    at: seconds,
    event: position,
    record: recordPlace,
    evidence: z.int().min(0).max(2),
    says: z
      .object({
        kind: z.enum([
          ...(['in', 'out', 'visit', 'session', 'attended', 'hold', 'capture', 'release'] as const),
          ...(['give', 'take', 'correct'] as const),
        ]),
        service: z.int().optional(),
        name: names.optional().meta({ description: 'Of the service, in the catalogue of that day.' }),
        band: z.string().optional(),
        with: z.string().optional().meta({ description: 'The other account, or the band of the other.' }),
        sort: z.string().optional(),
        redemption: z.string().optional(),
        reason: z.string().optional().meta({ description: 'Why minutes went back.' }),
        action: z.string().optional().meta({ description: 'Id of what people approved, hexadecimal.' }),
      })
      .meta({ id: 'Said' }),
    outcome: z.string().meta({ description: '`posted`, `noted`, or why not: docs/ledger.md.' }),
    exact: minutes.optional().meta({ description: 'What was measured, before it was rounded.' }),
    change: minutes,
    balance: minutes,
    review: z.boolean().meta({ description: 'People should look at it.' }),
    policy: z
      .object({ rules: z.int(), catalogue: z.int() })
      .meta({ id: 'PolicyNumbers', description: 'Numbers of the documents that it was judged by.' }),
  })
  .meta({ id: 'StatementLine' });

export const service = z
  .object({
    code: z.int(),
    group: z.int(),
    groupName: names,
    name: names,
    minutes,
    asks: z.enum(['punch', 'attestation', 'activity', 'mediation']),
    redeemable: z.boolean(),
    qualified: z.boolean(),
  })
  .meta({ id: 'Service' });

export const eventAnswer = z
  .object({
    event: position,
    type: z.enum(EVENT_TYPES),
    record: recordPlace,
    evidence: z.int().min(0).max(2),
    earliest: seconds.nullable(),
    latest: seconds,
    recorded: seconds.nullable(),
    band: z.string().nullable(),
    doubted: z.boolean().meta({ description: 'It tried to seem more than it is, and counts for nothing.' }),
    vouched: z
      .boolean()
      .meta({ description: 'Its device only MACs: the gateway answers for it, and proves nothing.' }),
    replaced: z.boolean().meta({
      description:
        'A resident left: the record here stands in the place of the one that its device logged, and has no receipt.',
    }),
    bytes: z.string().meta({ description: 'The record as its device logged it, base64.' }),
    hash: z.string().meta({ description: 'SHA-256 of the record, hexadecimal.' }),
    seal: z.string().meta({ description: 'Id of the seal over it, hexadecimal.' }),
    receipt: z
      .string()
      .nullable()
      .meta({ description: 'Receipt of the event, base64: bandctl verify-receipt checks it offline.' }),
  })
  .meta({ id: 'Event' });
