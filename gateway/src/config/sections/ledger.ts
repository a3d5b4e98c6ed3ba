/** Settings of the ledger of minutes. */
import { z } from 'zod';
import { timeZone } from './time-zone.js';

export const ledgerSection = z
  .strictObject({
    timeZone: timeZone
      .optional()
      .describe(
        'Time zone of the site, by whose days minutes are limited. That of this machine when left out; changing it later changes what is posted from then on.',
      ),
  })
  .prefault({})
  .describe('The ledger of minutes.');
