/** A reader that types a tag's number and Enter, as a keyboard wedge does: digits, then CR, LF or both. */
import { TagReaderError } from '../errors.js';
import type { Timers } from '../timers.js';
import type { TagHandlers } from './handlers.js';
import { readTagNumber, type TagForm } from './number.js';

/** The longest number has twenty digits; with some room for blanks. */
const MAX_CHARACTERS = 32;
/** A reader writes a line at once: after such a pause what came before it was never ended. */
const PAUSE_MS = 500;

export interface LineOptions {
  readonly form: TagForm;
  readonly prefix?: Uint8Array | undefined;
  readonly timers: Pick<Timers, 'now'>;
}

/** Takes bytes as they come; never holds more than one line. */
export class LineDecoder {
  /** Bytes that belonged to no line. */
  discarded = 0;
  private line = '';
  /** Reading on to the end of a line that is too long. */
  private isSkipping = false;
  private lastAt = -Infinity;

  constructor(
    private readonly options: LineOptions,
    private readonly handlers: TagHandlers,
  ) {}

  push(chunk: Uint8Array): void {
    const now = this.options.timers.now();
    if (now - this.lastAt > PAUSE_MS) this.dropHalf();
    this.lastAt = now;
    for (const byte of chunk) this.take(byte);
  }

  private take(byte: number): void {
    if (byte === 0x0d || byte === 0x0a) this.end();
    else if (this.isSkipping) this.discarded++;
    else if (this.line.length === MAX_CHARACTERS) {
      this.discarded += this.line.length + 1;
      this.line = '';
      this.isSkipping = true;
      this.handlers.fault(new TagReaderError('tag/overlong', `a line of more than ${MAX_CHARACTERS} bytes`));
    } else this.line += String.fromCharCode(byte);
  }

  private end(): void {
    const text = this.line.trim();
    this.line = '';
    this.isSkipping = false;
    if (text === '') return;
    try {
      this.handlers.tag(readTagNumber(text, this.options.form, this.options.prefix));
    } catch (error) {
      if (!(error instanceof TagReaderError)) throw error;
      this.discarded += text.length;
      this.handlers.fault(error);
    }
  }

  private dropHalf(): void {
    this.isSkipping = false;
    if (this.line === '') return;
    this.discarded += this.line.length;
    this.line = '';
    this.handlers.fault(new TagReaderError('tag/frame', 'a line that was never ended'));
  }
}
