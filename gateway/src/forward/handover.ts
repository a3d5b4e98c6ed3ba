/**
 * Handing over what waits, on one connection to the primary: of each log one forward after the other, of several logs at
 * once, and by each signed answer what becomes of it. What is not answered is sent again: the primary counts it once
 * (SPEC.md, Forward).
 */
import {
  type ForwardAnswer,
  openForwardAnswer,
  sha256,
  signForward,
  decodeCose,
  equalBytes,
  type Timers,
} from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials } from '../config/index.js';
import { Backoff } from '../link/index.js';
import { asStoreFault, type ForwardTables, StoreFault, type WaitingBatch } from '../store/index.js';
import type { Counters, FaultReporter } from '../sync/index.js';
import type { ForwardQueue } from './queue.js';

/** Forwards under way at once. */
const WINDOW = 8;
/** A forward without an answer for so long is sent again. */
const ANSWER_MS = 30_000;
/** What is refused is tried again: somebody may have put it right. Milliseconds at least and at most. */
const REFUSED_MS = [60_000, 3_600_000] as const;
/** The primary cannot take anything just now. */
const LATER_MS = [2_000, 60_000] as const;

export interface HandoverOptions {
  readonly site: string;
  readonly gateway: string;
  /** Id of the primary. */
  readonly primary: string;
  readonly credentials: Pick<Credentials, 'key' | 'certificate' | 'trust'>;
  readonly tables: ForwardTables;
  readonly queue: ForwardQueue;
  readonly send: (bytes: Uint8Array) => void;
  readonly now: () => number | undefined;
  /** Unix seconds. */
  readonly wallClock: () => number;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly faults: FaultReporter;
  readonly log: Logger;
}

interface UnderWay {
  readonly batch: WaitingBatch;
  readonly digest: Uint8Array;
  readonly cancel: () => void;
}

interface Held {
  readonly backoff: Backoff;
  until: number;
  /** What comes after it changes nothing. */
  isRefused: boolean;
}

export class Handover {
  /** By the number of the batch. */
  private readonly underWay = new Map<number, UnderWay>();
  /** Logs that the primary does not take just now, by their keys. */
  private readonly held = new Map<number, Held>();
  private readonly later = new Backoff(...LATER_MS);
  private pausedUntil = 0;
  private laterBecause: string | undefined;
  /** When it looks again by itself, and how that is called off. */
  private alarm: { readonly due: number; readonly cancel: () => void } | undefined;
  private isClosed = false;

  constructor(private readonly options: HandoverOptions) {}

  get inFlight(): number {
    return this.underWay.size;
  }

  /** Records of this log wait, or of any. */
  wake(log?: number): void {
    if (log !== undefined && this.held.get(log)?.isRefused === false) this.held.delete(log);
    if (this.isClosed) return;
    const { timers, tables } = this.options;
    const now = timers.now();
    if (now < this.pausedUntil) return;
    const busy = new Set([...this.underWay.values()].map(({ batch }) => batch.log));
    for (const batch of tables.next(WINDOW + busy.size + this.held.size)) {
      if (this.underWay.size >= WINDOW) break;
      const isHeld = (this.held.get(batch.log)?.until ?? 0) > now;
      if (!busy.has(batch.log) && !isHeld) this.send(batch);
    }
  }

  /** Bytes came on the topic of answers. */
  answered(bytes: Uint8Array): void {
    const { site, gateway, primary, credentials, now, faults } = this.options;
    try {
      const demand = { trust: credentials.trust, site, now: now(), gateway: primary, to: gateway };
      const { answer, certificate } = openForwardAnswer(bytes, demand);
      const sent = this.underWay.get(answer.number);
      // One that came after it was sent again, or of an earlier connection, says nothing that the next will not say.
      if (sent === undefined || !equalBytes(sent.digest, answer.digest)) return;
      sent.cancel();
      this.underWay.delete(answer.number);
      this.settle(sent.batch, answer, certificate.bytes);
    } catch (error) {
      faults.report(error as Error, primary);
      // Sent again at once it would be answered the same, and the disk has no more room than now.
      if (asStoreFault(error) instanceof StoreFault) this.pause();
    }
    this.wake();
  }

  close(): void {
    this.isClosed = true;
    this.alarm?.cancel();
    for (const { cancel } of this.underWay.values()) cancel();
    this.underWay.clear();
  }

  private send(batch: WaitingBatch): void {
    const { site, gateway, credentials, tables, timers, counters, send } = this.options;
    const log = tables.get(batch.log);
    if (log === undefined) return;
    const bytes = signForward(credentials.key, credentials.certificate.bytes, {
      ...{ site, gateway, number: batch.number },
      ...{ certificate: log.certificate, epoch: log.epoch, previous: log.previous },
      ...{ from: batch.first, before: batch.before, oldest: batch.oldest, records: batch.records },
      ...{ seal: batch.seal, asked: batch.asked, answered: batch.answered },
    });
    const digest = sha256(decodeCose(bytes).payload ?? new Uint8Array());
    const cancel = timers.after(ANSWER_MS, () => {
      this.underWay.delete(batch.number);
      counters.count('forward/unanswered');
      this.wake();
    });
    this.underWay.set(batch.number, { batch, digest, cancel });
    counters.count('forward/sent');
    send(bytes);
  }

  private settle(batch: WaitingBatch, answer: ForwardAnswer, certificate: Uint8Array): void {
    const { tables, queue, primary, wallClock, counters } = this.options;
    if (answer.outcome !== 'stored') counters.count(`forward/${answer.outcome}`, primary);
    switch (answer.outcome) {
      case 'stored':
        this.later.reset();
        this.laterBecause = undefined;
        this.held.delete(batch.log);
        // Numbers are of one primary; what it has up to here was durable there before it said so.
        if (answer.upto < batch.last) {
          this.hold(batch.log);
          return;
        }
        tables.confirm(
          batch,
          { gateway: primary, at: Math.floor(wallClock()) },
          { upto: answer.upto, bytes: answer.ack, certificate },
        );
        counters.count('forward/handed-over', primary);
        return;
      case 'lacks':
        this.hold(batch.log);
        if (answer.upto + 1 < batch.first) queue.rewind(batch.log, answer.upto, answer.hash);
        return;
      case 'refused':
        this.refused(batch, answer.code);
        return;
      case 'later':
        this.tellOnce(answer.code);
        this.pause();
    }
  }

  private refused({ log: key, first }: WaitingBatch, code: string): void {
    const { tables, queue, primary, log } = this.options;
    const known = tables.get(key);
    if (known?.refused !== code) {
      tables.refuse(key, code);
      const what = `ALARM: ${primary} does not take records of ${known?.device ?? 'a device'}`;
      log.error({ code, device: known?.device, from: first }, what);
    }
    if (code === 'log/fork') queue.markForked(key);
    this.hold(key, true);
  }

  /** The others go on. */
  private hold(key: number, isRefused = false): void {
    const held = this.held.get(key) ?? { backoff: new Backoff(...REFUSED_MS), until: 0, isRefused };
    held.until = this.options.timers.now() + held.backoff.next();
    held.isRefused = isRefused;
    this.held.set(key, held);
    this.setAlarm();
  }

  /** Why the primary takes nothing: the same again is no news. */
  private tellOnce(code: string): void {
    if (this.laterBecause === code) return;
    this.laterBecause = code;
    const { log, primary } = this.options;
    log.warn({ code, primary }, 'the primary takes no records just now: they wait here');
  }

  private pause(): void {
    this.pausedUntil = this.options.timers.now() + this.later.next();
    this.setAlarm();
  }

  /** For the first of what is waited for; the others have theirs after it. */
  private setAlarm(): void {
    const { timers } = this.options;
    const now = timers.now();
    const ahead = [this.pausedUntil, ...[...this.held.values()].map(({ until }) => until)];
    const due = Math.min(...ahead.filter((at) => at > now));
    if (due === Infinity || due === this.alarm?.due) return;
    this.alarm?.cancel();
    const cancel = timers.after(due - now, () => {
      this.alarm = undefined;
      this.wake();
      this.setAlarm();
    });
    this.alarm = { due, cancel };
  }
}
