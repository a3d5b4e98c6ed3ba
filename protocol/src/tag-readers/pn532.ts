/**
 * A conversation with a PN532: wake it, configure it, then ask again and again which tag is there. Bytes go out through
 * `write`; time is the caller's. Every command may be given twice, so what gets no good answer is asked for again.
 */
import { concat } from '../bytes.js';
import { TagReaderError } from '../errors.js';
import type { Timers } from '../timers.js';
import type { TagHandlers } from './handlers.js';
import { encodePn532Frame, PN532, Pn532Deframer, type Pn532Frame } from './pn532-frame.js';
import { readPn532Target } from './pn532-target.js';

/** It acknowledges within 15 ms (UM0701-02 §6.2.2); USB adapters take their time. */
const ACK_MS = 150;
/** With the retries that it is told to make it answers within 100 ms. */
const ANSWER_MS = 600;
const POLL_MS = 150;
/** Commands without any answer until it is woken again, wakings until the port is given up. */
const MOST_TRIES = 3;
const MOST_WAKINGS = 3;
const MOST_NACKS = 2;

export interface Pn532Options extends TagHandlers {
  readonly timers: Timers;
  readonly write: (bytes: Uint8Array) => void;
  /** It has been configured and is asked for tags; with its chip and firmware, such as `PN532 1.6`. */
  readonly ready: (name: string) => void;
  /** It does not answer, however often it is woken: nothing is written any more. */
  readonly lost: (error: TagReaderError) => void;
}

interface Exchange {
  readonly command: number;
  readonly bytes: Uint8Array;
  readonly done: (parameters: Uint8Array) => void;
  phase: 'ack' | 'answer';
  tries: number;
  nacks: number;
}

export class Pn532Session {
  private readonly deframer: Pn532Deframer;
  private exchange: Exchange | undefined;
  private cancelTimer: () => void = () => undefined;
  /** Since it last answered. */
  private wakings = 0;
  private isOver = false;

  constructor(private readonly options: Pn532Options) {
    this.deframer = new Pn532Deframer({
      frame: (frame) => {
        this.received(frame);
      },
      fault: (error) => {
        this.damaged(error);
      },
    });
  }

  /** Bytes that belonged to no frame. */
  get discarded(): number {
    return this.deframer.discarded;
  }

  start(): void {
    this.wake();
  }

  push(chunk: Uint8Array): void {
    if (!this.isOver) this.deframer.push(chunk);
  }

  /** Writes nothing more. */
  stop(): void {
    this.isOver = true;
    this.cancelTimer();
    this.exchange = undefined;
  }

  private wake(): void {
    if (this.wakings++ === MOST_WAKINGS) {
      this.stop();
      this.options.lost(
        new TagReaderError('tag/silent', 'no PN532 answers: look at wiring and HSU switches'),
      );
      return;
    }
    // Normal mode, no time-out of its own, no interrupt line (§7.2.10).
    const configure = [0x01, 0x14, 0x00];
    this.ask(
      PN532.samConfiguration,
      configure,
      () => {
        this.ask(PN532.getFirmwareVersion, [], ([chip = 0, version = 0, revision = 0]) => {
          // Look for a tag twice and then say that there is none: without this it waits until one comes (§7.3.1).
          this.ask(PN532.rfConfiguration, [0x05, 0xff, 0x01, 0x01], () => {
            this.options.ready(`PN5${chip.toString(16)} ${version}.${revision}`);
            this.poll();
          });
        });
      },
      PN532.wakeUp,
    );
  }

  private poll(): void {
    // One tag, 106 kbit/s type A.
    this.ask(PN532.inListPassiveTarget, [0x01, 0x00], (parameters) => {
      try {
        const uid = readPn532Target(parameters);
        if (uid !== undefined) this.options.tag(uid);
      } catch (error) {
        if (!(error instanceof TagReaderError)) throw error;
        this.options.fault(error);
      }
      if (this.isOver) return;
      this.arm(POLL_MS, () => {
        this.poll();
      });
    });
  }

  private ask(
    command: number,
    parameters: readonly number[],
    done: Exchange['done'],
    before: Uint8Array = new Uint8Array(0),
  ): void {
    const frame = encodePn532Frame(Uint8Array.of(PN532.fromHost, command, ...parameters));
    this.exchange = { command, bytes: concat(before, frame), done, phase: 'ack', tries: 0, nacks: 0 };
    this.send(this.exchange);
  }

  private send(exchange: Exchange): void {
    exchange.phase = 'ack';
    exchange.tries++;
    exchange.nacks = 0;
    // Before the bytes go: on a line without delay the answer comes while they are written.
    this.arm(ACK_MS, () => {
      this.unanswered('no acknowledgement');
    });
    this.options.write(exchange.bytes);
  }

  private unanswered(what: string): void {
    const { exchange } = this;
    if (exchange === undefined) return;
    this.options.fault(new TagReaderError('tag/silent', `${what} of command ${exchange.command}`));
    this.deframer.reset();
    if (exchange.tries < MOST_TRIES) {
      // An ACK from the host ends whatever the reader is still at (§6.2.1.3).
      if (exchange.phase === 'answer') this.options.write(PN532.ack);
      this.send(exchange);
      return;
    }
    this.exchange = undefined;
    this.wake();
  }

  private received(frame: Pn532Frame): void {
    const { exchange } = this;
    if (exchange === undefined || frame.kind === 'nack') {
      this.options.fault(new TagReaderError('tag/answer', 'a frame that nobody asked for'));
      return;
    }
    if (frame.kind === 'error') {
      this.unanswered('a refusal');
      return;
    }
    if (frame.kind === 'ack') {
      exchange.phase = 'answer';
      this.awaitAnswer();
      return;
    }
    // An answer without its acknowledgement is one whose acknowledgement was damaged.
    const [from, command] = frame.data;
    if (from !== PN532.fromReader || command !== exchange.command + 1) {
      this.options.fault(new TagReaderError('tag/answer', 'an answer to something else'));
      return;
    }
    this.cancelTimer();
    this.exchange = undefined;
    this.wakings = 0;
    exchange.done(frame.data.slice(2));
  }

  /** A damaged answer is asked for again. */
  private damaged(error: TagReaderError): void {
    this.options.fault(error);
    const { exchange } = this;
    if (exchange?.phase !== 'answer' || exchange.nacks === MOST_NACKS) return;
    exchange.nacks++;
    this.awaitAnswer();
    this.options.write(PN532.nack);
  }

  private awaitAnswer(): void {
    this.arm(ANSWER_MS, () => {
      this.unanswered('no answer');
    });
  }

  private arm(ms: number, action: () => void): void {
    this.cancelTimer();
    this.cancelTimer = this.options.timers.after(ms, action);
  }
}
