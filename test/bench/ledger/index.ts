/** A year of a community in the ledger: derived twice from its records, then asked. */
import { join } from 'node:path';
import { Centre } from '../../support/centre.js';
import { fill, readSite } from '../community/site.js';
import { type Bench, figuresOf } from '../figure.js';
import { derive } from './derive.js';

/** 7,000 people who come and go every day, and redeem fourteen times a year. */
const RECORDS = 5_000_000;

export const ledger: Bench = {
  name: 'ledger',
  about: 'the ledger of a year of 7,000 residents: derived twice from 5 million records, balance, statement',
  run: async ({ say, scale }) => {
    const centre = await Centre.create();
    try {
      const file = join(centre.dir, 'year.db');
      const records = Math.max(20_000, Math.round(RECORDS * scale));
      fill(file, records, readSite(centre), say);
      say('deriving the ledger');
      const first = await derive(file);
      say('deriving it again');
      const second = await derive(file);
      if (first.digest !== second.digest) throw new Error('the same records came to two ledgers');
      const figure = figuresOf('ledger');
      return [
        figure('records', records, 'records'),
        figure('entries', second.entries, 'postings'),
        figure('rebuild_records_per_second', second.perSecond, 'records/s', { atLeast: 20_000 }),
        figure('share_of_reading', second.perSecond / second.readPerSecond, ''),
        figure('rss_mb', Math.max(first.rssMb, second.rssMb), 'MB', { atMost: 300 }),
        figure('balance_ms', second.balanceMs, 'ms', { atMost: 1 }),
        figure('past_balance_ms', second.pastBalanceMs, 'ms'),
        figure('statement_ms', second.statementMs, 'ms', { atMost: 20 }),
        figure('statement_lines', second.statementLines, 'lines'),
        figure('open_ms', second.openMs, 'ms'),
      ];
    } finally {
      await centre.close();
    }
  },
};
