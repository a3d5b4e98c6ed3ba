/** The trail of what operators did, and what the gateway notes in it of its own. */
import { shortly, Trail } from '../trail/index.js';
import type { Foundation } from './foundation.js';

export interface OpenTrail {
  readonly trail: Trail;
  /** Notes what the gateway did by itself. What goes wrong with it the trail has logged. */
  readonly noteOwn: (action: string, given: object) => void;
}

export function openTrail(base: Foundation): OpenTrail {
  const { store, site, gateway, credentials, timers, counters, config, clock, wallClock, log } = base;
  const trail = new Trail({
    ...{ store, site, gateway, credentials, timers, counters, days: config.storage.trailDays },
    ...{ now: () => clock.now() ?? wallClock(), log: log.child({ name: 'trail' }) },
  });
  const noteOwn = (action: string, given: object): void => {
    const deed = { account: gateway, role: 'gateway', way: 'gateway', outcome: 'done' } as const;
    trail.note({ ...deed, action, given: shortly(given) }).catch(() => undefined);
  };
  return { trail, noteOwn };
}
