/** Questions about accounts: what is in them, how it came there, what is promised. */
import { toHex } from '@timeband/protocol';
import { z } from 'zod';
import {
  account as accounts,
  comparePlaces,
  openHolds,
  type Place,
  type StatementLine,
} from '../../ledger/index.js';
import type { Desk } from '../desk.js';
import { momentOf } from '../moment.js';
import { ApiProblem } from '../problem.js';
import { question, STAFF } from '../question.js';
import { accountName, balance, band, hold, line, moment, number } from '../shapes.js';

type Line = z.infer<typeof line>;

export const listAccounts = question({
  name: 'accounts',
  path: '/v1/accounts',
  says: 'Accounts by name, a page at a time.',
  roles: STAFF,
  isPersonal: true,
  asks: z.object({
    search: z.string().max(64).default('').meta({ description: 'Only names with this in them.' }),
    kind: z
      .enum(['people', 'own'])
      .default('people')
      .meta({ description: '`people`: residents, organisations, the fund; `own`: the ledger’s own.' }),
    after: z.string().max(64).default('').meta({ description: '`next` of the page before.' }),
    limit: number(1, 1_000).default(100),
  }),
  answers: z
    .object({ accounts: z.array(balance), next: z.string().optional() })
    .meta({ id: 'Accounts', description: 'There is more where `next` is there.' }),
  answer: ({ store, ledger }, { search, kind, after, limit }) => {
    const rows = store.ledger.findAccounts(kind, search, after, limit);
    const next = rows.length === limit ? rows.at(-1)?.name : undefined;
    return { accounts: rows.map(({ name }) => ledger.balance(name)), ...(next !== undefined && { next }) };
  },
});

export const balanceOf = question({
  name: 'balance',
  path: '/v1/accounts/{account}',
  says: 'What is in an account now, or was at a moment by what is known now, and the bands that are its.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { parameter: 'account' },
  asks: z.object({ account: accountName, at: moment.optional() }),
  answers: balance.extend({ bands: z.array(band) }).meta({ id: 'Account' }),
  answer: ({ store, ledger }, { account, at }) => {
    const bands = bandsOf(store, account);
    if (bands === undefined) return undefined;
    return {
      ...ledger.balance(account, at === undefined ? undefined : momentOf(at, ledger.zone)),
      bands,
    };
  },
});

export const statementOf = question({
  name: 'statement',
  path: '/v1/accounts/{account}/statement',
  says: 'What moved an account, or did not, the newest first: each line with the record that it derives from.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { parameter: 'account' },
  asks: z.object({
    account: accountName,
    from: moment.optional(),
    to: moment.optional().meta({ description: 'Not part of it.' }),
    after: z.string().max(80).optional().meta({ description: '`next` of the page before.' }),
    limit: number(1, 1_000).default(100),
  }),
  answers: z
    .object({ account: accountName, lines: z.array(line), next: z.string().optional() })
    .meta({ id: 'Statement', description: 'There is more where `next` is there.' }),
  answer: (desk, { account, from, to, after, limit }) => {
    const { ledger, store } = desk;
    if (bandsOf(store, account) === undefined) return undefined;
    const span = {
      ...(from !== undefined && { from: momentOf(from, ledger.zone) }),
      ...(to !== undefined && { to: momentOf(to, ledger.zone) }),
    };
    const start = after === undefined ? undefined : readPlace(after);
    const found: StatementLine[] = [];
    let next: string | undefined;
    for (const one of ledger.lines(account, span)) {
      if (start !== undefined && comparePlaces(one.place, start) >= 0) continue;
      if (found.length === limit) {
        next = writePlace(found.at(-1)?.place ?? one.place);
        break;
      }
      found.push(one);
    }
    const lines = found.map((one) => lineOf(desk, one));
    return { account, lines, ...(next !== undefined && { next }) };
  },
});

export const holdsOf = question({
  name: 'holds',
  path: '/v1/accounts/{account}/holds',
  says: 'What an account has promised and not yet spent, the newest first.',
  roles: STAFF,
  isPersonal: true,
  ofOrganisation: { parameter: 'account' },
  asks: z.object({ account: accountName }),
  answers: z.object({ account: accountName, holds: z.array(hold) }).meta({ id: 'Holds' }),
  answer: ({ store, ledger }, { account }) =>
    bandsOf(store, account) === undefined ? undefined : { account, holds: openHolds(ledger, account) },
});

export const allHolds = question({
  name: 'promised',
  path: '/v1/holds',
  says: 'Accounts that have promised something and not yet spent it.',
  roles: STAFF,
  isPersonal: true,
  asks: z.object({
    after: z.string().max(64).default('').meta({ description: '`next` of the page before.' }),
    limit: number(1, 500).default(100),
  }),
  answers: z
    .object({
      accounts: z.array(z.object({ account: accountName, holds: z.array(hold) })),
      next: z.string().optional(),
    })
    .meta({ id: 'Promised' }),
  answer: ({ store, ledger }, { after, limit }) => {
    const prefix = accounts.held('');
    const rows = store.ledger.findAccounts('own', prefix, after, limit);
    const next = rows.length === limit ? rows.at(-1)?.name : undefined;
    const names = rows.filter(({ balance: held }) => held > 0).map(({ name }) => name.slice(prefix.length));
    return {
      accounts: names.map((name) => ({ account: name, holds: openHolds(ledger, name) })),
      ...(next !== undefined && { next }),
    };
  },
});

/** Nothing where nobody has heard of the account. */
function bandsOf({ ledger }: Desk['store'], account: string): z.infer<typeof band>[] | undefined {
  const rows = ledger.bindingsOf(account);
  if (rows.length === 0 && ledger.account(account) === undefined) return undefined;
  const newest = new Map(rows.map((row) => [row.band, row]));
  return [...newest.values()]
    .filter((row) => row.account === account)
    .map((row) => ({ band: row.band, hasKey: row.has_key !== 0, since: row.event }));
}

function lineOf({ ledger, store }: Desk, statement: StatementLine): Line {
  const { at, event, outcome, exact, change, balance: after, review, claim } = statement;
  const [row] = store.events(event, event);
  if (row === undefined) throw new RangeError(`no event ${event}`);
  const { rules, catalogue } = ledger.policyAt(event);
  const service = 'service' in claim ? claim.service : undefined;
  const name = service === undefined ? undefined : catalogue.services.get(service)?.name;
  return {
    ...{ at, event, outcome, change, balance: after, review },
    ...(exact !== undefined && { exact }),
    record: { device: row.device, log: toHex(row.logId), seq: row.logSeq },
    evidence: row.evidence,
    says: {
      kind: claim.kind,
      ...(service !== undefined && { service }),
      ...(name !== undefined && { name }),
      ...('by' in claim && { band: claim.by.band }),
      ...withOf(claim),
      ...('sort' in claim && { sort: claim.sort }),
      ...('redemption' in claim && { redemption: claim.redemption }),
      ...('reason' in claim && claim.reason !== undefined && { reason: claim.reason }),
      ...('action' in claim && { action: claim.action }),
    },
    policy: { rules: rules.version, catalogue: catalogue.version },
  };
}

function withOf(claim: StatementLine['claim']): { with?: string } {
  if (claim.kind === 'visit') return { with: claim.recipient };
  if (claim.kind === 'give') return { with: claim.to };
  return claim.kind === 'take' ? { with: claim.from } : {};
}

function writePlace({ at, log, seq, part }: Place): string {
  return [at, log, seq, part].join('.');
}

/** @throws ApiProblem */
function readPlace(text: string): Place {
  const [at, log = '', seq, part] = text.split('.');
  const place = { at: Number(at), log, seq: Number(seq), part: Number(part) };
  if (![place.at, place.seq, place.part].every(Number.isInteger) || !/^[0-9a-f]+$/.test(log))
    throw new ApiProblem('api/parameters', 'after is none that a page ended with');
  return place;
}
