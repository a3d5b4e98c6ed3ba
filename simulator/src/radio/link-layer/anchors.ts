/** How connections share the radio: where a new one's events are placed, and who goes first when two want it at once. */
import { INTERVAL_UNIT_MS, INTER_FRAME_MS } from '../air/timing.js';
import type { Connection } from './connection.js';

type Placed = Pick<Connection, 'anchor' | 'missed'> & { readonly settings: { readonly intervalMs: number } };

/** The first anchor of a new connection: within one interval, as far from the others' events as can be. */
export function chooseAnchor(earliest: number, intervalMs: number, others: Iterable<Placed>): number {
  const placed = [...others];
  let best = { anchor: earliest, distance: -1 };
  for (let anchor = earliest; anchor < earliest + intervalMs; anchor += INTERVAL_UNIT_MS) {
    const distance = Math.min(Infinity, ...placed.map((other) => distanceTo(other, anchor, intervalMs)));
    if (distance > best.distance) best = { anchor, distance };
  }
  return best.anchor;
}

/**
 * Until when a connection may use the radio from `start`. Undefined when it has to wait: the radio is in use, or the
 * first exchange would cost another connection its event that has missed more than this one.
 */
export function grant(
  connection: Placed,
  start: number,
  firstExchangeMs: number,
  others: Iterable<Placed>,
  busyUntil: number,
): number | undefined {
  if (busyUntil > start) return undefined;
  let limit = start + connection.settings.intervalMs;
  for (const other of others) {
    if (other === connection || other.anchor < start) continue;
    if (other.anchor < start + firstExchangeMs && other.missed > connection.missed) return undefined;
    limit = Math.min(limit, other.anchor);
  }
  return limit - INTER_FRAME_MS;
}

/** Milliseconds between an event at `anchor` and the nearest of another connection, while both keep their intervals. */
function distanceTo({ anchor: other, settings }: Placed, anchor: number, intervalMs: number): number {
  const period = Math.min(intervalMs, settings.intervalMs);
  const apart = (((anchor - other) % period) + period) % period;
  return Math.min(apart, period - apart);
}
