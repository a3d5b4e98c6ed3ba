/**
 * The volunteer-service record of an account: what Order 67 of the Ministry of Civil Affairs and MZ/T 061 ask of one, as far as
 * records hold it. Names and identity numbers are nowhere in the system, so they are not here either.
 */
import { decodeRecord, readCorrect, toHex } from '@timeband/protocol';
import { z } from 'zod';
import type { StatementLine } from '../../ledger/index.js';
import type { Desk } from '../desk.js';
import { momentOf } from '../moment.js';
import { question, STAFF } from '../question.js';
import { accountName, minutes, moment, recordPlace, seconds } from '../shapes.js';

const entry = z
  .object({
    activity: z.object({ zh: z.string(), en: z.string() }).meta({ description: 'Group of the service.' }),
    content: z.object({ zh: z.string(), en: z.string() }).meta({ description: 'The service.' }),
    service: z.int(),
    started: seconds.nullable(),
    ended: seconds,
    place: z.string().meta({ description: 'Id of the site.' }),
    recipients: z.enum(['resident', 'community', 'parties']).meta({
      description: 'Category: one resident, the community, the parties of a quarrel.',
    }),
    minutes,
    recorder: recordPlace.meta({ description: 'What recorded it, and where that stands.' }),
    event: z.int(),
    evidence: z.int(),
    corrected: z.boolean().meta({ description: 'Entered or changed by people, with two signatures.' }),
  })
  .meta({ id: 'ServiceEntry' });

export const serviceRecord = question({
  name: 'record',
  path: '/v1/accounts/{account}/record',
  says: 'The volunteer-service record of an account, the oldest first: services given, and corrections of them.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { parameter: 'account' },
  asks: z.object({
    account: accountName,
    from: moment.optional(),
    to: moment.optional().meta({ description: 'Not part of it.' }),
  }),
  answers: z
    .object({
      volunteer: accountName,
      ...{ site: z.string(), gateway: z.string(), timeZone: z.string() },
      total: minutes,
      entries: z.array(entry),
    })
    .meta({ id: 'ServiceRecord' }),
  answer: (desk, { account, from, to }) => {
    const { ledger, store, site, gateway } = desk;
    if (store.ledger.account(account) === undefined) return undefined;
    const span = {
      ...(from !== undefined && { from: momentOf(from, ledger.zone) }),
      ...(to !== undefined && { to: momentOf(to, ledger.zone) }),
    };
    const entries = ledger.statement(account, span).flatMap((line) => entryOf(desk, line));
    return {
      ...{ volunteer: account, site, gateway, timeZone: ledger.zone },
      total: entries.reduce((sum, one) => sum + one.minutes, 0),
      entries,
    };
  },
});

const NOBODY = { zh: '更正', en: 'Correction' };

function entryOf({ ledger, store, site }: Desk, line: StatementLine): z.infer<typeof entry>[] {
  const { claim, outcome, change, event } = line;
  if (outcome !== 'posted') return [];
  if (!['out', 'visit', 'session', 'attended', 'correct'].includes(claim.kind)) return [];
  const number = 'service' in claim ? (claim.service ?? 0) : 0;
  const known = ledger.policyAt(event).catalogue.services.get(number);
  const [row] = store.events(event, event);
  if (row === undefined) throw new RangeError(`no event ${event}`);
  const { started, ended } = timesOf(line, row.record);
  return [
    {
      activity: known?.groupName ?? NOBODY,
      content: known?.name ?? NOBODY,
      ...{ service: number, started, ended, place: site },
      recipients: recipientsOf(claim),
      minutes: change,
      recorder: { device: row.device, log: toHex(row.logId), seq: row.logSeq },
      ...{ event, evidence: row.evidence, corrected: claim.kind === 'correct' },
    },
  ];
}

function recipientsOf(claim: StatementLine['claim']): 'resident' | 'parties' | 'community' {
  if (claim.kind === 'visit') return 'resident';
  return claim.kind === 'session' && claim.activity === undefined ? 'parties' : 'community';
}

/** A late entry says itself when it was; of another correction it is known when it was made. */
function timesOf(
  { claim, exact, at }: StatementLine,
  record: Uint8Array,
): { readonly started: number | null; readonly ended: number } {
  if (claim.kind === 'session') return claim;
  if (claim.kind === 'correct') {
    const { started, ended } = readCorrect(decodeRecord(record).body).action;
    return { started: started ?? null, ended: ended ?? at };
  }
  // Minutes of whoever was at an activity to its end are counted to that end.
  if (claim.kind === 'attended' && exact !== undefined)
    return { started: claim.ended - exact * 60, ended: claim.ended };
  return { started: exact === undefined ? null : at - exact * 60, ended: at };
}
