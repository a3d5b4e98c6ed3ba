/** What the display says of an activity. */
import { type Activity, type ActivityPhase, toHex } from '@timeband/protocol';

export interface ShownActivity {
  /** In hexadecimal. */
  readonly activity: string;
  readonly phase: ActivityPhase;
  readonly service: number;
  /** Account. */
  readonly organiser: string;
  readonly capacity: number;
  readonly attended: number;
}

export function shownActivity(
  { activity, phase, service, organiser, capacity }: Activity,
  attended: number,
): ShownActivity {
  return { activity: toHex(activity), phase, service, organiser, capacity, attended };
}
