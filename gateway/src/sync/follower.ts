/**
 * Following one device's log: polls its status, answers fresh taps at once, reads what is new, has it sealed,
 * hands it to the committer, and acknowledges what is on disk. When nothing else is due, something is handed down.
 * One request is under way at a time.
 */
import {
  call,
  type ClockReading,
  COMMAND,
  KIND,
  LogError,
  isVouched,
  REFUSAL,
  type SmpClient,
  type Status,
  stepBetween,
  TimebandError,
  type ReceivedRecord,
  receiveRecord,
} from '@timeband/protocol';
import type { Batch, CommittedBatch } from '../events/index.js';
import { type StoredLog, StoreFault } from '../store/index.js';
import { refuseOwnEnd, reviewOf, standsBack } from '../trust/index.js';
import { Strangers } from './acquaint.js';
import { type OwnPunch, pressedFor, punchByButton } from './challenge.js';
import type { ButtonPunches, SyncContext } from './context.js';
import { Downlink } from './downlink.js';
import type { FaultReporter } from './faults.js';
import type { Introduced } from './introduce.js';
import { isRefusal, ownAck, setClock } from './own-word.js';
import { previewTap } from './preview.js';
import { recordsRoom } from './records-room.js';
import { askForSeal, type Sealing, tellForkFromDamage } from './sealing.js';

/** A seal is asked for after this much quiet, and at the latest this long after the first unsealed record. */
const QUIET_MS = 500;
const LATEST_MS = 2_000;
/** Records under one seal while a backlog is read. */
const SEAL_RECORDS = 128;
/** Crystals drift; a clock is set again this often. */
const CLOCK_EVERY_SECONDS = 3_600;
/** Taps answered one by one when several came between two polls; a longer backlog is not fresh. */
const FRESH_RECORDS = 8;

/** What a step came to: whether there is more to do at once, or the device has to be asked anew who it is. */
export type Step = 'idle' | 'busy' | 'rebooted';

export class Follower {
  /** Records read and not yet sealed. */
  private pending: ReceivedRecord[] = [];
  private firstPendingAt = 0;
  private lastNewAt = 0;
  private log: StoredLog;
  private ackDue: boolean;
  /** Taps up to here were answered, or were logged before we came. */
  private answered: number | undefined;
  private clockSet: ClockReading | undefined;
  /** What the band is yet to be challenged for. */
  private pressed: ButtonPunches | undefined;
  private ownPunch: OwnPunch | undefined;
  private readonly strangers: Strangers;
  private readonly downlink: Downlink;
  /** What it said last, and was not acted on. On a visit it is asked once: what comes later brings us back. */
  private status: Status | undefined;

  constructor(
    private readonly client: SmpClient,
    private readonly context: SyncContext,
    private readonly introduced: Introduced,
    private readonly faults: FaultReporter,
  ) {
    this.log = introduced.log;
    // The last ack may have been lost with the link; it is idempotent.
    this.ackDue = introduced.device.identity.acked < this.log.head;
    this.clockSet = introduced.clockSet;
    this.pressed = pressedFor(context, introduced);
    this.status = introduced.status;
    this.strangers = new Strangers(context.bands);
    this.downlink = new Downlink(client, context, introduced, faults);
  }

  private get device(): string {
    return this.log.device;
  }

  private get known(): number {
    return this.log.head + this.pending.length;
  }

  /** Something is being handed down, though it may be waiting for something else just now. */
  get isHandingDown(): boolean {
    return this.downlink.isBusy;
  }

  /** Resolves when what is being handed down needs the link again, or is done. */
  whenNeeded(): Promise<void> {
    return this.downlink.whenNeeded();
  }

  /** Everything that was read is stored and acknowledged, or left to the primary, and nothing is being handed down. */
  get isSettled(): boolean {
    const isStored = this.pending.length === 0 && !this.ackDue;
    return (isStored || standsBack(this.context)) && !this.isHandingDown;
  }

  /**
   * One poll and at most one piece of longer work, so that a tap never waits for more than that.
   * @throws SmpError, LinkError, LogError, CborError
   */
  async step(): Promise<Step> {
    const status = await this.poll();
    if (status.boot !== this.introduced.device.identity.boot) return 'rebooted';
    if (status.head < this.log.head) {
      throw new LogError(
        'log/rollback',
        `${this.device} is at ${status.head}, ${this.log.head} are stored: it forgot what it signed`,
        { head: status.head, stored: this.log.head },
      );
    }
    if (status.head < this.known) {
      throw new LogError(
        'log/mismatch',
        `${this.device} no longer has record ${this.known}, which it showed`,
      );
    }
    this.answered ??= status.head;
    if (this.pressed !== undefined) {
      await this.challenge(this.pressed);
      return 'busy';
    }
    await this.takeNew(status);
    return this.work(status);
  }

  private async poll(): Promise<Status> {
    const status = this.status ?? (await call(this.client, COMMAND.status, { seen: this.known }));
    this.status = this.context.visit === undefined ? undefined : status;
    return status;
  }

  private async challenge(purpose: ButtonPunches): Promise<void> {
    this.pressed = undefined;
    this.status = undefined; // the band logs what it answers
    const { client, context, introduced, faults } = this;
    this.ownPunch = await punchByButton(purpose, client, context, introduced, faults);
  }

  private async takeNew(status: Status): Promise<void> {
    if (status.head === this.known) return;
    if (status.newest !== undefined && status.head === this.known + 1) {
      await this.take([status.newest]);
      return;
    }
    if (this.pending.length < this.sealRecords) {
      const from = this.known + 1;
      const bytes = recordsRoom(this.introduced.parameters);
      const records = await call(this.client, COMMAND.records, { from, bytes });
      if (records.length === 0)
        throw new LogError('log/gap', `${this.device} has no record ${from}`, { asked: from });
      await this.take(records.slice(0, status.head - this.known));
    }
  }

  private async take(records: readonly Uint8Array[]): Promise<void> {
    const fresh: ReceivedRecord[] = [];
    for (const bytes of records) {
      const received = receiveRecord(bytes, this.known + 1);
      if (this.pending.length === 0) this.firstPendingAt = this.context.timers.now();
      this.pending.push(received);
      this.strangers.note(received);
      if (received.seq > (this.answered ?? received.seq)) fresh.push(received);
    }
    this.lastNewAt = this.context.timers.now();
    if (fresh.length <= FRESH_RECORDS) for (const received of fresh) await this.answer(received);
    this.answered = Math.max(this.answered ?? 0, this.known);
  }

  /** Tells the reader what the tap will come to. Provisional: the record is not sealed yet. */
  private async answer({ record, seq }: ReceivedRecord): Promise<void> {
    if (record instanceof TimebandError || record.kind !== KIND.punch) return;
    try {
      const shown = previewTap(record, this.log, this.context, this.ownPunch);
      await call(this.client, COMMAND.feedback, { seq, ...shown });
    } catch (error) {
      // The tap is logged whatever the buzzer did; a dead link shows at the next poll.
      if (!(error instanceof TimebandError)) throw error;
      this.faults.report(error, this.device);
    }
  }

  private async work(status: Status): Promise<Step> {
    const now = this.context.timers.now();
    const behind = status.head > this.known;
    if (this.ackDue && !standsBack(this.context)) {
      await this.acknowledge();
    } else if (this.clockIsDue()) {
      this.clockSet = await setClock(this.client, this.context, this.introduced.device);
    } else if (this.pending.length > 0 && this.sealIsDue(now, behind)) {
      await (this.strangers.areWaiting ? this.strangers.meetOne(this.client) : this.seal());
    } else if (!behind && !(await this.downlink.step())) {
      return 'idle';
    }
    return 'busy';
  }

  /** After an hour, when our own clock was stepped, and once it is set at last. */
  private clockIsDue(): boolean {
    const { state, reading } = this.context.clock.look();
    if (state === 'unset') return false;
    const { clockSet } = this;
    return (
      clockSet === undefined ||
      reading.monotonic - clockSet.monotonic > CLOCK_EVERY_SECONDS ||
      stepBetween(clockSet, reading) !== 0
    );
  }

  /** Without a clock that may be gone by a seal would pin nothing: records wait where they are. */
  private sealIsDue(now: number, behind: boolean): boolean {
    const { clock, committer } = this.context;
    if (clock.now() === undefined || !committer.isOpen || standsBack(this.context)) return false;
    // A device signs for nothing less than what it holds for acknowledged, though we may lack some of that.
    if (this.known < this.introduced.device.identity.acked) return false;
    return (
      this.pending.length >= this.sealRecords ||
      (this.context.visit !== undefined && !behind) ||
      now - this.lastNewAt >= QUIET_MS ||
      now - this.firstPendingAt >= LATEST_MS
    );
  }

  private get sealing(): Sealing {
    const { client, context, log, introduced } = this;
    return { client, site: context.site, key: introduced.device.key, log };
  }

  private get sealRecords(): number {
    const toCatchUp = this.introduced.device.identity.acked - this.log.head;
    return Math.max(this.context.sealRecords ?? SEAL_RECORDS, toCatchUp);
  }

  private async seal(): Promise<void> {
    const { clock, credentials, store } = this.context;
    refuseOwnEnd(this.context);
    const asked = clock.look().reading;
    const sealed = await askForSeal(this.sealing, this.pending);
    const answered = clock.look().reading;
    const by = stepBetween(asked, answered);
    if (by !== 0) {
      // Our clock was set meanwhile: the seal pins nothing, and the device is asked again.
      this.context.counters.count('clock-stepped', this.client.name);
      this.context.log.warn({ device: this.device, by }, 'the clock was stepped while a seal was made');
      return;
    }
    const { certificate, key } = this.introduced.device;
    const committed = await this.commit({
      log: this.log,
      sealed,
      moment: { asked: asked.wall, answered: answered.wall },
      // Devices too small to sign are too small for a crystal as well.
      oscillator: isVouched(key) ? 'rc' : 'crystal',
      review: reviewOf(credentials.trust, store, certificate, this.log, sealed, answered.wall),
    });
    if (committed === undefined) return;
    this.context.synced?.(this.context.timers.now() - this.firstPendingAt);
    this.log = committed.log;
    this.downlink.sealed(this.pending, this.ownPunch);
    this.pending = [];
    this.ackDue = true;
  }

  /** @returns nothing where the disk did not take it: the records are kept and sealed again once it does */
  private async commit(batch: Batch): Promise<CommittedBatch | undefined> {
    try {
      return await this.context.committer.submit(batch);
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      this.faults.report(error, this.device);
      return undefined;
    }
  }

  private async acknowledge(): Promise<void> {
    const ack = ownAck(this.context, this.introduced.device, this.log);
    this.ackDue = false;
    try {
      await call(this.client, COMMAND.ack, ack);
    } catch (error) {
      if (isRefusal(error, REFUSAL.hashMismatch) || isRefusal(error, REFUSAL.notSealed)) {
        const damage = new LogError('log/mismatch', `${this.device} refused an ack of its own log`);
        await tellForkFromDamage(this.sealing, damage);
      }
      if (!isRefusal(error, REFUSAL.unknownGateway)) throw error;
      await call(this.client, COMMAND.hello, this.context.credentials.certificate.bytes);
      this.ackDue = true;
    }
  }

  /** What was read and contradicts itself, for the quarantine. */
  evidence(): { readonly log: StoredLog; readonly records: readonly ReceivedRecord[] } {
    return { log: this.log, records: this.pending };
  }
}
