/** What is derived from the event log and asked about: visits, the ledger, matters, the kitchen and cases. */
import { Kitchen, MEAL_DAYS } from '../kitchen/index.js';
import { Ledger, Visits } from '../ledger/index.js';
import { Matters } from '../matters/index.js';
import { caseCourses, Cases } from '../mediation/index.js';
import { CatchUp } from './catch-up.js';
import type { Foundation } from './foundation.js';

export interface Books {
  readonly visits: Visits;
  readonly ledger: Ledger;
  readonly matters: Matters;
  readonly kitchen: Kitchen;
  readonly cases: Cases;
  /** Not started yet. */
  readonly catchUp: CatchUp;
}

/** Where the database is older than one of them, that one is behind: see {@link CatchUp}. */
export function openBooks({ config, site, gateway, store, timers, counters, log }: Foundation): Books {
  const visits = new Visits(store);
  const ledger = new Ledger({ store, timeZone: config.ledger.timeZone, log: log.child({ name: 'ledger' }) });
  const matters = new Matters({
    ...{ store, ledger, gateway, also: [MEAL_DAYS, caseCourses(store)] },
    log: log.child({ name: 'matters' }),
  });
  const kitchen = new Kitchen({ site, store, ledger, matters });
  const cases = new Cases({ site, store, matters });
  const catchUp = new CatchUp({
    ...{ books: [ledger, matters], timers, counters, log: log.child({ name: 'books' }) },
  });
  return { visits, ledger, matters, kitchen, cases, catchUp };
}
