/**
 * The one schema of the gateway's settings: validation, defaults and descriptions. Whatever else says what settings there
 * are is made from it: docs/settings.md, the file that `init` writes, and what errors say. A section is a line here.
 *
 * `meta` says what a description cannot: `reload` that a change counts when the settings are read again (SIGHUP), `is` in
 * words what the value should be, `example` what stands in the file of a new site.
 */
import { isId } from '@timeband/protocol';
import { z } from 'zod';
import { apiSection } from './sections/api.js';
import { brokerSection } from './sections/broker.js';
import { forwardSection } from './sections/forward.js';
import { ledgerSection } from './sections/ledger.js';
import { linksSection } from './sections/links.js';
import { logSection, monitoringSection } from './sections/monitoring.js';
import { radioSection } from './sections/radio.js';
import { receiptsSection } from './sections/receipts.js';
import { storageSection } from './sections/storage.js';
import { tagReadersSection } from './sections/tag-readers.js';
import { certificates, consoleSection, deviceKeys, policy, tagKeys } from './sections/trust.js';
import { uplinkSection } from './sections/uplink.js';

const ID = 'lower-case letters, digits and single hyphens, at most 40 characters';
const id = z.string().refine(isId, ID).meta({ is: ID });

export const configSchema = z.strictObject({
  version: z
    .literal(1)
    .default(1)
    .meta({ is: '1' })
    .describe('Version of the shape of this file. A later gateway understands it and brings it up to date.'),
  site: id.describe('The community centre. It stands in every certificate and topic, so it never changes.'),
  gateway: id.describe('This box. It stands in every certificate and topic, so it never changes.'),
  dataDir: z
    .string()
    .default('.')
    .describe('Folder with keys, accounts and the database; relative to the folder of this file.'),
  links: linksSection,
  tagReaders: tagReadersSection,
  radio: radioSection.optional(),
  broker: brokerSection,
  api: apiSection.optional(),
  uplink: uplinkSection.optional(),
  forward: forwardSection.optional(),
  storage: storageSection,
  ledger: ledgerSection,
  monitoring: monitoringSection,
  log: logSection,
  policy,
  certificates,
  tagKeys,
  deviceKeys,
  console: consoleSection,
  receipts: receiptsSection,
});

export type Config = z.infer<typeof configSchema>;
export type { LinkConfig } from './sections/links.js';
export type { RadioConfig } from './sections/radio.js';
