/** An activity in a reader's past: it was opened some while ago, some are there, and it ends soon after the start. */
import { CHALLENGE_NONCE_BYTES, type NewPunch, randomBytes } from '@timeband/protocol';
import type { Activities } from '../firmware/activities/index.js';
import type { Band } from './bands.js';
import type { Moment } from './history.js';

export interface PastActivity {
  /** Number in the catalogue. */
  readonly service: number;
  /** Account of the person in charge. */
  readonly organiser: string;
  /** Since when it is open. */
  readonly minutes: number;
}

/** Of a reader's bands the last ones: one is of whoever is in charge, the others are there. They do nothing else meanwhile. */
export const ENGAGED = 6;
/** Everybody has come within so much of its beginning. */
const COMING = 0.2;
const MINUTE_MS = 60_000;

export interface PastActivityOptions extends PastActivity {
  readonly bands: readonly Band[];
  /** Id of the reader. */
  readonly reader: string;
  readonly activities: () => Activities;
  readonly tap: (punch: NewPunch) => void;
}

export function gathering(options: PastActivityOptions): readonly Moment[] {
  const { service, organiser, minutes, bands, reader, activities, tap } = options;
  const opened: Moment = {
    ago: minutes * MINUTE_MS,
    act: () => {
      activities().begin({ service, organiser, capacity: 20, plannedMinutes: minutes });
    },
  };
  const came = bands.map((band, i): Moment => ({
    ago: minutes * MINUTE_MS * (1 - (COMING * (i + 1)) / bands.length),
    act: () => {
      const shows = { what: 'punch', challenger: reader, service, direction: 'in' } as const;
      const proof = band.prove({ ...shows, nonce: randomBytes(CHALLENGE_NONCE_BYTES) });
      tap({ direction: 'in', service, proof });
    },
  }));
  return [opened, ...came];
}
