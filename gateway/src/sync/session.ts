/** A session with one device on one link, from introduction to the link's end. It outlives every fault but that. */
import { SessionClient, SmpError, TimebandError, type Link } from '@timeband/protocol';
import type { SyncContext } from './context.js';
import { FaultReporter } from './faults.js';
import { Follower } from './follower.js';
import { introduce } from './introduce.js';

/** What a session is doing, for `status`. */
export type SessionState =
  | { readonly state: 'introducing' }
  | { readonly state: 'following'; readonly device: string }
  | { readonly state: 'resting'; readonly device: string | undefined; readonly because: string };

/** A device that cannot be followed is asked again after 1, 2, 4 … 60 s. */
const REST_MS = { least: 1_000, most: 60_000 };
/** Answers missed in a row before the device is asked anew who it is. */
const MISSED = 3;

export class Session {
  state: SessionState = { state: 'introducing' };
  private readonly client: SessionClient;
  private readonly faults: FaultReporter;
  private isClosed = false;
  private restMs = REST_MS.least;
  private wake: () => void = () => undefined;

  constructor(
    link: Link,
    private readonly context: SyncContext,
  ) {
    this.faults = new FaultReporter(link.name, context.counters, context.log, context.timers);
    this.client = new SessionClient(link, {
      timers: context.timers,
      onFault: (error) => {
        this.faults.report(error, this.device);
      },
      onClosed: () => {
        this.isClosed = true;
        this.wake();
      },
    });
  }

  private get device(): string | undefined {
    return this.state.state === 'introducing' ? undefined : this.state.device;
  }

  /** Resolves when the link is closed. */
  async run(): Promise<void> {
    while (!this.isClosed) {
      this.state = { state: 'introducing' };
      try {
        await this.follow();
      } catch (error) {
        if (this.hasClosed()) return;
        this.faults.report(error as Error, this.device);
        if (this.context.visit !== undefined) return this.close();
        await this.rest((error as Error).message);
      }
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    return this.client.close();
  }

  private async follow(): Promise<void> {
    const introduced = await introduce(this.client, this.context);
    const { device } = introduced.device.identity;
    if (introduced.log.forked) {
      throw new TimebandError(
        'log/fork',
        `${device} is not followed: it contradicted what it signed. It needs a new key.`,
      );
    }
    this.state = { state: 'following', device };
    // Readers are plugged in for days; bands come and go.
    const level = this.context.visit === undefined ? 'info' : 'debug';
    const head = introduced.log.head;
    this.context.log[level]({ link: this.client.name, device, head }, 'following a device');
    const follower = new Follower(this.client, this.context, introduced, this.faults);
    const since = this.context.timers.now();
    for (let missed = 0; !this.isClosed;) {
      try {
        const step = await follower.step();
        missed = 0;
        // One good poll proves little: a device that fails again and again is asked ever less often.
        if (this.context.timers.now() - since > REST_MS.most) this.restMs = REST_MS.least;
        if (step === 'anew') return;
        if (step !== 'idle') continue;
        const { visit, poller } = this.context;
        if (visit === undefined) await poller.beat();
        else if (follower.isHandingDown) await follower.whenNeeded();
        else {
          if (follower.isSettled) visit.settled();
          await this.close();
          return;
        }
      } catch (error) {
        if (error instanceof SmpError && error.code === 'smp/timeout' && ++missed < MISSED) {
          this.faults.report(error, device);
          continue;
        }
        if (error instanceof TimebandError && error.code.startsWith('log/')) this.quarantine(error, follower);
        throw error;
      }
    }
  }

  private hasClosed(): boolean {
    return this.isClosed;
  }

  private quarantine(error: TimebandError, follower: Follower): void {
    const { store, wallClock, counters } = this.context;
    const { log, records, forward } = follower.evidence();
    if (error.code === 'log/fork' || error.code === 'log/rollback') {
      (forward ?? store).markForked(log.key);
      this.context.log.error(
        { device: log.device, link: this.client.name, code: error.code },
        `ALARM: ${error.message}`,
      );
    }
    for (const { bytes } of records) {
      counters.count('quarantined', this.client.name);
      const { code, message } = error;
      store.quarantine.keep({ at: Math.floor(wallClock()), device: log.device, code, message, bytes });
    }
  }

  private async rest(because: string): Promise<void> {
    this.state = { state: 'resting', device: this.device, because };
    const ms = this.restMs * (0.75 + Math.random() / 2);
    this.restMs = Math.min(this.restMs * 2, REST_MS.most);
    await new Promise<void>((resolve) => {
      const cancel = this.context.timers.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
