/** Everything that was recorded about one account, as evidence: for the resident who asks what is kept about her. */
import { diagnostic } from '@timeband/protocol/cbor-text';
import { decodeRecord, KIND, readRequest, toHex } from '@timeband/protocol';
import { z } from 'zod';
import type { NamedMatter } from '../../matters/index.js';
import { nextTurn } from '../../next-turn.js';
import { mentions } from '../mentions.js';
import { OPERATORS, question } from '../question.js';
import { accountName, eventAnswer, number } from '../shapes.js';
import { tellEvent } from './house.js';
import { listed, tell } from './matters.js';

export const evidenceOf = question({
  name: 'evidence',
  path: '/v1/accounts/{account}/evidence',
  says: 'All records that name an account, or were made by its bands while they were its, the oldest first: bytes, text, receipts.',
  roles: OPERATORS,
  isPersonal: true,
  asks: z.object({
    account: accountName,
    after: number(0, 2 ** 31)
      .default(0)
      .meta({ description: '`next` of the page before.' }),
    limit: number(1, 100).default(50),
  }),
  answers: z
    .object({
      account: accountName,
      events: z.array(
        eventAnswer
          .extend({
            text: z
              .string()
              .meta({ description: 'The record in the diagnostic notation of CBOR (RFC 8949 §8).' }),
          })
          .meta({ id: 'Evidence' }),
      ),
      matters: z.array(listed).meta({ description: 'Matters that these events are about.' }),
      next: z.int().optional(),
    })
    .meta({
      id: 'EvidencePage',
      description: 'There may be more where `next` is there, also after a page with nothing.',
    }),
  answer: async (desk, { account, after, limit }) => {
    const { store, ledger, matters, now } = desk;
    const isKnown =
      store.ledger.account(account) !== undefined || store.ledger.bindingsOf(account).length > 0;
    const { rows, upTo } = await mentions(desk, account, after, limit);
    if (!isKnown && rows.length === 0 && after === 0) return undefined;
    const events = [];
    const about = new Map<string, NamedMatter>();
    for (const row of rows) {
      await nextTurn(); // a receipt takes some hundredths of a second, and there may be a hundred
      events.push({ ...(await tellEvent(desk, row)), text: textOf(row.record) });
      const { kind, body } = decodeRecord(row.record);
      const matter = kind === KIND.request ? matters.find(readRequest(body).request, now()) : undefined;
      if (matter !== undefined) about.set(toHex(matter.request), matter);
    }
    return {
      ...{ account, events, matters: [...about.values()].map(tell) },
      ...(upTo < ledger.position.event && { next: upTo }),
    };
  },
});

function textOf(record: Uint8Array): string {
  return diagnostic(record, { embedded: true });
}
