/** What tests of the uplink's parts share: a connection that confirms when it is told to, and an event log in memory. */
import type { EventSource, PublishedEvent } from '../broker/index.js';
import type { DaySpent } from '../store/index.js';
import type { PublishOptions } from './city-link.js';

export interface SentMessage {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly retain: boolean;
  readonly confirm: () => void;
}

/** Takes what is published, and confirms nothing by itself. */
export class HeldLink {
  alive = true;
  readonly sent: SentMessage[] = [];

  publish(topic: string, payload: Uint8Array | string, options: PublishOptions = {}): void {
    const confirm = (): void => options.confirmed?.();
    this.sent.push({ topic, payload, retain: options.retain ?? false, confirm });
  }

  get topics(): string[] {
    return this.sent.map(({ topic }) => topic);
  }
}

/** Events of which only number, type and length matter. */
export class MemoryLog implements EventSource {
  readonly events: PublishedEvent[] = [];

  get head(): number {
    return this.events.length;
  }

  add(type = 'punch', message = new Uint8Array(100)): PublishedEvent {
    const event = { seq: this.head + 1, type, message };
    this.events.push(event);
    return event;
  }

  fill(count: number): this {
    for (let i = 0; i < count; i++) this.add();
    return this;
  }

  read(after: number, limit: number): readonly PublishedEvent[] {
    return this.events.slice(after, after + limit);
  }
}

/** The store's table of the uplink, which can fail. */
export class MemoryTable {
  cursor = 0;
  spent: DaySpent = { day: '', bytes: 0 };
  readonly waiting = new Set<number>();
  writes = 0;
  broken = false;

  urgent(): number[] {
    return [...this.waiting].sort((a, b) => a - b);
  }

  addUrgent(position: number): void {
    this.write();
    this.waiting.add(position);
  }

  removeUrgent(position: number): void {
    this.write();
    this.waiting.delete(position);
  }

  saveCursor(position: number): void {
    this.write();
    this.cursor = position;
  }

  saveSpent(spent: DaySpent): void {
    this.write();
    this.spent = spent;
  }

  private write(): void {
    if (this.broken) throw new Error('disk full');
    this.writes++;
  }
}

/** Counts by name and label. */
export class CountedNames {
  readonly names: string[] = [];

  readonly count = (name: string, label = ''): void => {
    this.names.push(label === '' ? name : `${name}@${label}`);
  };
}
