/** Settings of the ledger of minutes. */
import { z } from 'zod';
import { timeZone } from './time-zone.js';

export const ledgerSection = z
  .strictObject({
    timeZone: timeZone
      .optional()
      .meta({ example: 'Asia/Shanghai' })
      .describe(
        'Time zone of the site, by whose days minutes are limited; that of this machine when left out. A ledger keeps the one that it began with.',
      ),
  })
  .prefault({})
  .describe('The ledger of minutes.');
