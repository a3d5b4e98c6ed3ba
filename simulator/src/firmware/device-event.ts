/** What a device says it does, for those who watch it. */
import type { Feedback } from '@timeband/protocol';
import type { ShownActivity, TurnedAway } from './activities/index.js';

/** What a device does, for those who watch it. `at` is milliseconds of the timers. */
export type DeviceEvent =
  | { readonly event: 'logged'; readonly seq: number; readonly kind: number; readonly at: number }
  /** It shows what the gateway says of a record; `afterMs` since that was logged, if in this start. */
  | ({ readonly event: 'feedback'; readonly afterMs?: number } & Feedback)
  /** An ack was applied: `records` more may be overwritten. */
  | { readonly event: 'acked'; readonly upto: number; readonly records: number }
  /** The flash is full of unacknowledged records: something was turned away. */
  | { readonly event: 'refused'; readonly reason: 'full' }
  /** Somebody was turned away at an activity. */
  | { readonly event: 'refused'; readonly reason: TurnedAway; readonly service: number }
  /** An activity was planned or has ended; or it is open, as it was when it was opened or as it is found after a start. */
  | ({ readonly event: 'activity'; readonly seq?: number } & ShownActivity)
  /** Sealed records were gone after a start: a new epoch began. */
  | { readonly event: 'epoch'; readonly epoch: number; readonly lostFrom: number };

export type TapResult = { readonly logged: number } | { readonly refused: 'full' | TurnedAway };
