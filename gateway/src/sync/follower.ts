/**
 * Following one device's log: polls its status, answers fresh taps at once, reads what is new, has it sealed,
 * hands it to the committer, and acknowledges what is on disk; where another gateway is the primary it is kept for that
 * one, whose acks are handed on. When nothing else is due, something is handed down.
 * One request is under way at a time.
 */
import {
  call,
  type ClockReading,
  COMMAND,
  ForwardError,
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
import { type Batch, type CommittedBatch, LogMoved } from '../events/index.js';
import { type StoredLog, StoreFault } from '../store/index.js';
import { refuseOwnEnd, reviewOf, standsBack } from '../trust/index.js';
import { Strangers } from './acquaint.js';
import { type OwnPunch, pressedFor, punchByButton } from './challenge.js';
import type { ButtonPunches, ForwardedBatch, Forwarding, SyncContext } from './context.js';
import { Downlink } from './downlink.js';
import type { FaultReporter } from './faults.js';
import type { Introduced } from './introduce.js';
import { isRefusal, ownAck, setClock } from './own-word.js';
import { PendingRecords } from './pending.js';
import { previewTap } from './preview.js';
import { recordsRoom } from './records-room.js';
import { Relay } from './relay.js';
import { askForSeal, type Sealing, tellForkFromDamage } from './sealing.js';

/** Records under one seal while a backlog is read. */
const SEAL_RECORDS = 128;
/** Crystals drift; a clock is set again this often. */
const CLOCK_EVERY_SECONDS = 3_600;
/** Taps answered one by one when several came between two polls; a longer backlog is not fresh. */
const FRESH_RECORDS = 8;
/** Kinds of which whoever held a band there is told what they come to. */
const SHOWN: ReadonlySet<number> = new Set([KIND.punch, KIND.meal, KIND.redeem]);

/** What a step came to: whether there is more to do at once, or the device has to be asked anew who it is. */
export type Step = 'idle' | 'busy' | 'anew';

export class Follower {
  private readonly pending = new PendingRecords();
  private log: StoredLog;
  private ackDue: boolean;
  /** Taps up to here were answered, or were logged before we came. */
  private answered: number | undefined;
  private clockSet: ClockReading | undefined;
  /** What the band is yet to be challenged for. */
  private pressed: ButtonPunches | undefined;
  private ownPunch: OwnPunch | undefined;
  private readonly rewinds: number | undefined;
  /** Another gateway has handed us records of this log meanwhile. */
  private hasMoved = false;
  private readonly strangers: Strangers;
  private readonly relay: Relay;
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
    this.ackDue = !introduced.isSecondary && introduced.device.identity.acked < this.log.head;
    this.rewinds = introduced.forward?.rewinds;
    this.clockSet = introduced.clockSet;
    this.pressed = pressedFor(context, introduced);
    this.status = introduced.status;
    this.strangers = new Strangers(context.bands);
    this.relay = new Relay(client, context, introduced, faults);
    this.downlink = new Downlink(client, context, introduced, faults);
  }

  private get device(): string {
    return this.log.device;
  }

  private get known(): number {
    return this.log.head + this.pending.count;
  }

  /** Something is being handed down, though it may be waiting for something else just now. */
  get isHandingDown(): boolean {
    return this.downlink.isBusy;
  }

  /** Resolves when what is being handed down needs the link again, or is done. */
  whenNeeded(): Promise<void> {
    return this.downlink.whenNeeded();
  }

  /**
   * Everything that was read is stored and acknowledged, or waits for the primary, or is left to it, and nothing is being
   * handed down.
   */
  get isSettled(): boolean {
    const { isSecondary, forward } = this.introduced;
    const isStored =
      this.pending.count === 0 && !this.ackDue && this.relay.dueFor(this.log.key) === undefined;
    const isLeft = isSecondary && forward?.isOpen !== true;
    return (isStored || isLeft) && !this.isHandingDown;
  }

  /**
   * One poll and at most one piece of longer work, so that a tap never waits for more than that.
   * @throws SmpError, LinkError, LogError, CborError
   */
  async step(): Promise<Step> {
    const status = await this.poll();
    if (status.boot !== this.introduced.device.identity.boot) return 'anew';
    // Another gateway became the primary, or this one did: records go elsewhere from here on.
    if (standsBack(this.context) !== this.introduced.isSecondary || this.hasMoved) return 'anew';
    if (this.introduced.forward?.rewinds !== this.rewinds) return 'anew';
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
    const hasTaken = await this.takeNew(status);
    return this.work(status, hasTaken);
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

  /** @returns whether anything was read */
  private async takeNew(status: Status): Promise<boolean> {
    if (status.head === this.known) return false;
    // What cannot be sealed, because disk or queue take nothing, stays in the device.
    if (this.pending.count >= this.sealRecords || this.isFull) {
      await this.answerNewest(status);
      return false;
    }
    if (status.newest !== undefined && status.head === this.known + 1) {
      await this.take([status.newest]);
      return true;
    }
    const from = this.known + 1;
    const bytes = recordsRoom(this.introduced.parameters);
    const records = await call(this.client, COMMAND.records, { from, bytes });
    if (records.length === 0)
      throw new LogError('log/gap', `${this.device} has no record ${from}`, { asked: from });
    await this.take(records.slice(0, status.head - this.known));
    return true;
  }

  /** Whoever tapped waits for an answer, also where there is no room for the record. */
  private async answerNewest({ head, newest }: Status): Promise<void> {
    if (newest === undefined || head <= (this.answered ?? head)) return;
    this.answered = head;
    await this.answer(receiveRecord(newest, head));
  }

  private async take(records: readonly Uint8Array[]): Promise<void> {
    const fresh: ReceivedRecord[] = [];
    for (const bytes of records) {
      const received = receiveRecord(bytes, this.known + 1);
      this.pending.add(received, bytes.length, this.context.timers.now());
      this.strangers.note(received);
      if (received.seq > (this.answered ?? received.seq)) fresh.push(received);
    }
    if (fresh.length <= FRESH_RECORDS) for (const received of fresh) await this.answer(received);
    this.answered = Math.max(this.answered ?? 0, this.known);
  }

  /** Tells the reader what the tap will come to. Provisional: the record is not sealed yet. */
  private async answer({ record, seq }: ReceivedRecord): Promise<void> {
    if (record instanceof TimebandError || !SHOWN.has(record.kind)) return;
    try {
      const shown = previewTap(record, this.log, this.context, this.ownPunch);
      await call(this.client, COMMAND.feedback, { seq, ...shown });
    } catch (error) {
      // The tap is logged whatever the buzzer did; a dead link shows at the next poll.
      if (!(error instanceof TimebandError)) throw error;
      this.faults.report(error, this.device);
    }
  }

  private async work(status: Status, hasTaken: boolean): Promise<Step> {
    const now = this.context.timers.now();
    const behind = status.head > this.known;
    const relayed = this.relay.dueFor(this.log.key);
    if (relayed !== undefined) {
      await this.relay.handOn(relayed, this.device);
    } else if (this.ackDue) {
      await this.acknowledge();
    } else if (this.clockIsDue()) {
      this.clockSet = await setClock(this.client, this.context, this.introduced.device);
    } else if (this.pending.count > 0 && this.sealIsDue(now, behind)) {
      await (this.strangers.areWaiting ? this.strangers.meetOne(this.client) : this.seal());
    } else if (behind && hasTaken) {
      return 'busy';
    } else if (!(await this.downlink.step())) {
      // Also with records that there is no room for: whoever asked for them without rest would only keep the line busy.
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
    if (this.context.clock.now() === undefined || !this.isOpen) return false;
    // A device signs for nothing less than what it holds for acknowledged, though we may lack some of that.
    if (this.known < this.introduced.device.identity.acked) {
      if (!this.isFull) return false;
      const what = 'more has to be read again than fits one forward: let it come to the primary itself';
      throw new ForwardError('forward/too-large', `${this.device}: ${what}`, { from: this.log.head + 1 });
    }
    return (
      this.isFull ||
      this.pending.count >= this.sealRecords ||
      (this.context.visit !== undefined && !behind) ||
      this.pending.areDue(now)
    );
  }

  /** Whether what is sealed can be kept: where not, it is left with the device. */
  private get isOpen(): boolean {
    const { isSecondary, forward } = this.introduced;
    return isSecondary ? forward?.isOpen === true : this.context.committer.isOpen;
  }

  /** No more than this goes under one seal: it has to fit one message to the primary. */
  private get isFull(): boolean {
    return this.introduced.isSecondary && this.pending.fillForward;
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
    const sealed = await askForSeal(this.sealing, this.pending.records);
    const answered = clock.look().reading;
    const by = stepBetween(asked, answered);
    if (by !== 0) {
      // Our clock was set meanwhile: the seal pins nothing, and the device is asked again.
      this.context.counters.count('clock-stepped', this.client.name);
      this.context.log.warn({ device: this.device, by }, 'the clock was stepped while a seal was made');
      return;
    }
    const { certificate, key, identity } = this.introduced.device;
    const { forward } = this.introduced;
    const moment = { asked: asked.wall, answered: answered.wall };
    if (forward !== undefined) {
      this.keep(forward, { log: this.log, sealed, moment, oldest: identity.oldest });
      return;
    }
    const committed = await this.commit({
      log: this.log,
      sealed,
      moment,
      // Devices too small to sign are too small for a crystal as well.
      oscillator: isVouched(key) ? 'rc' : 'crystal',
      review: reviewOf(credentials.trust, store, certificate, this.log, sealed, answered.wall),
    });
    if (committed === undefined) return;
    this.context.synced?.(this.context.timers.now() - this.pending.firstAt);
    this.log = committed.log;
    this.downlink.sealed(this.pending.records, this.ownPunch);
    this.pending.clear();
    this.ackDue = true;
  }

  /** For the primary, which acknowledges it. Where the disk does not take it the records stay, and are sealed again. */
  private keep(forward: Forwarding, batch: ForwardedBatch): void {
    try {
      this.log = forward.keep(batch);
      this.pending.clear();
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      this.faults.report(error, this.device);
    }
  }

  /** @returns nothing where the disk did not take it, and the records are sealed again once it does; or another has brought them */
  private async commit(batch: Batch): Promise<CommittedBatch | undefined> {
    try {
      return await this.context.committer.submit(batch);
    } catch (error) {
      if (error instanceof LogMoved) {
        this.hasMoved = true;
        return undefined;
      }
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
  evidence(): {
    readonly log: StoredLog;
    readonly records: readonly ReceivedRecord[];
    readonly forward: Forwarding | undefined;
  } {
    return { log: this.log, records: this.pending.records, forward: this.introduced.forward };
  }
}
