/** Which events are calls for help: those do not wait for their turn (SPEC.md, Request, Uplink). */
import {
  CATEGORY,
  decodeEvent,
  decodeRecord,
  decodeStrict,
  readRequest,
  TimebandError,
} from '@timeband/protocol';
import type { PublishedEvent } from '../broker/index.js';

/** Whether somebody has to be told at once: a request for help, or an urgent one, that was raised or passed on. */
export function isCallForHelp({ type, message }: PublishedEvent): boolean {
  if (type !== 'request') return false;
  try {
    const [event] = decodeStrict(message) as readonly Uint8Array[];
    const { phase, category, urgency } = readRequest(decodeRecord(decodeEvent(event ?? message).record).body);
    return (phase === 'open' || phase === 'escalate') && (category === CATEGORY.help || urgency === 'urgent');
  } catch (error) {
    // A request from a newer protocol: rather once too often at once than once too late.
    if (error instanceof TimebandError) return true;
    throw error;
  }
}
