/**
 * Commands on their way to a controller, one at a time whatever credits it gives (Core, Vol 4, Part E, 4.4): some
 * controllers misframe what comes earlier. One that is not answered in time means that the controller has gone silent.
 */
import { concat, type Timers } from '@timeband/protocol';
import { RadioFailure } from '../failure.js';
import { OPCODE, PACKET, readU16, u16 } from './codes.js';

/** Within this a controller answers every command. */
export const COMMAND_MS = 2_000;

/** Commands that may wait: noble asks for two dozen at start, each link for a few. */
const MAX_WAITING = 256;

export interface CommandResult {
  readonly status: number;
  /** Return parameters after the status. */
  readonly values: Uint8Array;
}

/** Whose command an answer belongs to. */
export type CommandOwner = 'ours' | 'noble' | 'nobody';

interface Waiting {
  readonly packet: Uint8Array;
  readonly opcode: number;
  /** Undefined for those of noble. */
  readonly settle: ((result: CommandResult | RadioFailure) => void) | undefined;
}

export interface CommandQueueOptions {
  readonly timers: Timers;
  readonly write: (packet: Uint8Array) => void;
  readonly failed: (failure: RadioFailure) => void;
}

export class CommandQueue {
  private readonly waiting: Waiting[] = [];
  private current: Waiting | undefined;
  private hasCredit = true;
  private cancelTimer: () => void = () => undefined;
  private isClosed = false;

  constructor(private readonly options: CommandQueueOptions) {}

  /** Sends a command of ours. @throws RadioFailure when the controller fails before it answers */
  send(opcode: number, parameters: Iterable<number> = []): Promise<CommandResult> {
    const bytes = Uint8Array.from(parameters);
    const packet = concat(Uint8Array.of(PACKET.command, ...u16(opcode), bytes.length), bytes);
    return new Promise((resolve, reject) => {
      this.push({
        ...{ packet, opcode },
        settle: (result) => {
          if (result instanceof RadioFailure) reject(result);
          else resolve(result);
        },
      });
    });
  }

  /** Sends a command of noble's as it is; its answer is noble's. */
  forward(packet: Uint8Array): void {
    this.push({ packet, opcode: readU16(packet, 1), settle: undefined });
  }

  /** Takes a Command Complete or Command Status. */
  answered(opcode: number, credits: number, result: CommandResult): CommandOwner {
    this.hasCredit = credits > 0 || opcode === OPCODE.reset;
    const { current } = this;
    if (current?.opcode !== opcode) {
      this.next();
      return 'nobody';
    }
    this.current = undefined;
    this.cancelTimer();
    current.settle?.(result);
    this.next();
    return current.settle === undefined ? 'noble' : 'ours';
  }

  /** Fails everything that waits; nothing is sent afterwards. */
  close(failure: RadioFailure): void {
    this.isClosed = true;
    this.cancelTimer();
    const left = [...(this.current === undefined ? [] : [this.current]), ...this.waiting.splice(0)];
    this.current = undefined;
    for (const { settle } of left) settle?.(failure);
  }

  private push(command: Waiting): void {
    if (this.isClosed) command.settle?.(new RadioFailure('radio/port', 'the controller is closed'));
    else if (this.waiting.length >= MAX_WAITING) {
      this.options.failed(
        new RadioFailure('radio/silent', `${MAX_WAITING} commands wait for the controller`),
      );
      command.settle?.(new RadioFailure('radio/silent', 'too many commands wait'));
    } else {
      this.waiting.push(command);
      this.next();
    }
  }

  private next(): void {
    if (this.current !== undefined || !this.hasCredit || this.isClosed) return;
    const command = this.waiting.shift();
    if (command === undefined) return;
    this.current = command;
    this.cancelTimer = this.options.timers.after(COMMAND_MS, () => {
      const opcode = command.opcode.toString(16).padStart(4, '0');
      this.options.failed(
        new RadioFailure('radio/silent', `no answer to command 0x${opcode} within ${COMMAND_MS} ms`),
      );
    });
    this.options.write(command.packet);
  }
}
