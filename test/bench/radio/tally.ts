/** Whether every record that a band was relieved of has become an event, and only once. */
import { toHex, type VerifiedEvent } from '@timeband/protocol';

export class Tally {
  duplicates = 0;
  private readonly identities = new Set<number>();
  private readonly places = new Set<string>();
  private readonly counts = new Map<string, number>();
  private taken = 0;

  /** Takes the events of one subscriber that were not taken yet. */
  take(events: readonly VerifiedEvent[]): void {
    for (const { event } of events.slice(this.taken)) {
      const place = `${toHex(event.logId)}/${event.logSeq}`;
      const isNew = !this.identities.has(event.seq) && !this.places.has(place);
      this.identities.add(event.seq);
      this.places.add(place);
      if (isNew) this.counts.set(event.device, (this.counts.get(event.device) ?? 0) + 1);
      else this.duplicates++;
    }
    this.taken = events.length;
  }

  /** Different records of a device that have become events. */
  of(device: string): number {
    return this.counts.get(device) ?? 0;
  }
}
