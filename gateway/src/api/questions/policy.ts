/** Questions about what the ledger goes by: services, prices and rules. */
import { z } from 'zod';
import { ALL, question } from '../question.js';
import { number, service } from '../shapes.js';

export const catalogueOf = question({
  name: 'catalogue',
  path: '/v1/catalogue',
  needsNoBooks: true,
  says: 'The services that can be given and redeemed, with their prices; an earlier version where one is named.',
  roles: ALL,
  asks: z.object({
    version: number(0, 0xffff_ffff)
      .optional()
      .meta({ description: 'Number of the document; 0 is the one that a gateway comes with.' }),
  }),
  answers: z.object({ version: z.int(), services: z.array(service) }).meta({ id: 'Catalogue' }),
  answer: ({ ledger }, { version }) => {
    const found =
      version === undefined
        ? ledger.policy.catalogue
        : ledger.policyHistory.find(({ catalogue }) => catalogue.version === version)?.catalogue;
    return found && { version: found.version, services: [...found.services.values()] };
  },
});

export const policyNow = question({
  name: 'policy',
  path: '/v1/policy',
  needsNoBooks: true,
  says: 'The rules that minutes are posted by, and which documents were in force since which event.',
  roles: ALL,
  asks: z.object({}),
  answers: z
    .object({
      rules: z.record(z.string(), z.int()).meta({ description: 'By name, as in docs/ledger.md.' }),
      catalogue: z.int(),
      timeZone: z.string(),
      history: z.array(
        z.object({
          after: z.int().meta({ description: 'Position of the last event before it.' }),
          rules: z.int(),
          catalogue: z.int(),
        }),
      ),
    })
    .meta({ id: 'Policy' }),
  answer: ({ ledger }) => ({
    rules: { ...ledger.policy.rules },
    catalogue: ledger.policy.catalogue.version,
    timeZone: ledger.zone,
    history: ledger.policyHistory.map(({ after, rules, catalogue }) => ({
      after,
      rules: rules.version,
      catalogue: catalogue.version,
    })),
  }),
});
