/** When the event of a record has reached a subscriber. */
import type { VerifyingClient } from '../../support/centre.js';
import { machineNow } from './conversation.js';

export class Arrivals {
  private readonly times = new Map<string, number>();
  private readonly waiting = new Map<string, (at: number) => void>();
  private taken = 0;

  constructor(private readonly subscriber: VerifyingClient) {
    subscriber.mqtt.on('message', () => {
      this.take();
    });
    this.take();
  }

  /** Milliseconds on {@link machineNow}. */
  of(device: string, seq: number): Promise<number> {
    const place = `${device}/${seq}`;
    const at = this.times.get(place);
    return at === undefined
      ? new Promise((resolve) => this.waiting.set(place, resolve))
      : Promise.resolve(at);
  }

  private take(): void {
    const at = machineNow();
    const { events } = this.subscriber;
    for (const { event } of events.slice(this.taken)) {
      const place = `${event.device}/${event.logSeq}`;
      this.times.set(place, at);
      this.waiting.get(place)?.(at);
      this.waiting.delete(place);
    }
    this.taken = events.length;
  }
}
