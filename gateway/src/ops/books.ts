/** What is derived from the event log and asked about: visits, the ledger, matters, the kitchen and cases. */
import { Kitchen, MEAL_DAYS } from '../kitchen/index.js';
import { Ledger, Visits } from '../ledger/index.js';
import { Matters } from '../matters/index.js';
import { caseCourses, Cases } from '../mediation/index.js';
import type { Foundation } from './foundation.js';

export interface Books {
  readonly visits: Visits;
  readonly ledger: Ledger;
  readonly matters: Matters;
  readonly kitchen: Kitchen;
  readonly cases: Cases;
}

/** They have taken in every event that is in the store. */
export function openBooks({ config, site, gateway, store, log }: Foundation): Books {
  const visits = new Visits(store);
  const ledger = new Ledger({ store, timeZone: config.ledger.timeZone, log: log.child({ name: 'ledger' }) });
  ledger.catchUp();
  const matters = new Matters({
    ...{ store, ledger, gateway, also: [MEAL_DAYS, caseCourses(store)] },
    log: log.child({ name: 'matters' }),
  });
  matters.catchUp();
  const kitchen = new Kitchen({ site, store, ledger, matters });
  const cases = new Cases({ site, store, matters });
  return { visits, ledger, matters, kitchen, cases };
}
