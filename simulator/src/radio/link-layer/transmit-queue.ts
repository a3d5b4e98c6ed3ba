/** What one side of a connection still has to send: each PDU stays at the head until the other side has acknowledged it. */
import type { Fragment } from './ends.js';

/** PDUs that may wait: a peer that never answers must not fill memory. */
const MAX_WAITING = 256;

export interface Pdu {
  readonly octets: number;
  /** Absent in control PDUs. */
  readonly fragment?: Fragment;
  /** Called once, when the sender knows that it arrived. */
  readonly acked?: () => void;
  /** Arrived, but the sender does not know it yet. */
  isDelivered?: boolean;
}

export class TransmitQueue {
  private pdus: Pdu[] = [];

  get head(): Pdu | undefined {
    return this.pdus[0];
  }

  /** Adds all of them or, when they would be too many, none. */
  push(pdus: readonly Pdu[]): boolean {
    if (this.pdus.length + pdus.length > MAX_WAITING) return false;
    this.pdus.push(...pdus);
    return true;
  }

  /** A control PDU goes before data, but not before what is being repeated. */
  pushControl(octets: number, acked: () => void): void {
    const at = this.head?.isDelivered === true ? 1 : 0;
    this.pdus.splice(at, 0, { octets, acked });
  }

  shift(): void {
    this.pdus.shift();
  }

  clear(): void {
    this.pdus = [];
  }
}
