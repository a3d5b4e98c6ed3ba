/** The way to the city as the settings want it now: opened anew where they name another one. */
import type { PublishedEvent } from '../broker/index.js';
import type { Config } from '../config/index.js';
import type { Receipts } from '../receipts/index.js';
import type { Policies } from '../trust/index.js';
import type { Uplink, UplinkReport } from '../uplink/index.js';
import type { Foundation } from './foundation.js';
import { startUplink } from './uplink.js';

export interface LiveUplinkParts {
  readonly base: Foundation;
  readonly receipts: Receipts;
  readonly policies: Policies;
  /** What the health topic says. */
  readonly report: () => unknown;
}

export class LiveUplink {
  /** None where the settings have none. */
  private uplink: Uplink | undefined;

  constructor(private readonly parts: LiveUplinkParts) {
    this.uplink = this.open(parts.base.config);
  }

  committed(published: readonly PublishedEvent[]): void {
    this.uplink?.committed(published);
  }

  /** A call for help that was heard, JSON. */
  hint(call: string): void {
    this.uplink?.hint(call);
  }

  /** The gateway has another certificate. */
  renewed(): void {
    this.uplink?.renewed();
  }

  report(): UplinkReport | undefined {
    return this.uplink?.report();
  }

  async adopt(next: Config, before: Config): Promise<void> {
    if (JSON.stringify(before.uplink) === JSON.stringify(next.uplink)) {
      this.uplink?.retry();
      return;
    }
    const old = this.uplink;
    this.uplink = undefined; // the new one finds in the event log what is committed meanwhile
    await old?.close();
    this.uplink = this.open(next);
  }

  async close(): Promise<void> {
    await this.uplink?.close();
  }

  private open({ uplink: config, dataDir }: Config): Uplink | undefined {
    if (config === undefined) return undefined;
    const { base, receipts, policies, report } = this.parts;
    const { credentials, store, events, clock, timers, wallClock, counters, log } = base;
    return startUplink({
      ...{ config, dataDir, credentials, store, events, receipts, policies, report },
      ...{ clock, timers, wallClock, counters, log: log.child({ name: 'uplink' }) },
    });
  }
}
