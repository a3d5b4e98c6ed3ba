/**
 * Writes CBOR in core deterministic form (RFC 8949 §4.2.1) and cannot write any other: what is no integer of 32 bits,
 * no well-formed text, or a map whose keys do not ascend, is refused.
 */
import { CborError } from '../errors.js';
import { MAJOR, type Major, MAX_HEAD_BYTES, SIMPLE, writeHead } from './head.js';
import { compareKeys } from './key-order.js';
import { STRICT } from './profile.js';
import { utf8Of } from './utf8.js';
import type { CborMap, CborValue } from './value.js';

const CHUNK = 8_192;

/** Messages lie one behind the other in chunks of memory, for an allocation each costs more than the writing. */
export class Writer {
  private out = new Uint8Array(CHUNK);
  /** Where the message begins that is being written. */
  private start = 0;
  private at = 0;

  /** @throws CborError; what was begun is then overwritten by the next message */
  write(value: CborValue): Uint8Array {
    this.at = this.start;
    this.item(value, 0);
    const message = this.out.subarray(this.start, this.at);
    this.start = this.at;
    return message;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.out.length) return;
    const begun = this.out.subarray(this.start, this.at);
    this.out = new Uint8Array(Math.max(CHUNK, 2 * (begun.length + bytes)));
    this.out.set(begun);
    this.start = 0;
    this.at = begun.length;
  }

  private item(value: CborValue, depth: number): void {
    if (depth > STRICT.maxDepth)
      throw new CborError('cbor/too-deep', `nested deeper than ${STRICT.maxDepth}`);
    if (typeof value === 'number') this.integer(value);
    else if (typeof value === 'string') this.text(value);
    else if (value instanceof Uint8Array) this.bytes(MAJOR.bytes, value);
    else if (value instanceof Map) this.map(value, depth);
    else if (Array.isArray(value)) this.array(value, depth);
    else if (value === null) this.head(MAJOR.simple, SIMPLE.null);
    else if (typeof value === 'boolean') this.head(MAJOR.simple, value ? SIMPLE.true : SIMPLE.false);
    else throw new CborError('cbor/shape', 'a value that our messages do not have');
  }

  private head(major: Major, argument: number): void {
    this.reserve(MAX_HEAD_BYTES);
    this.at = writeHead(this.out, this.at, major, argument);
  }

  private integer(value: number): void {
    if (!Number.isInteger(value) || value < -0x1_0000_0000 || value > 0xffff_ffff) {
      throw new CborError('cbor/integer-range', `${value} is not an integer of 32 bits`);
    }
    if (value >= 0) this.head(MAJOR.unsigned, value);
    else this.head(MAJOR.negative, -1 - value);
  }

  private bytes(major: Major, bytes: Uint8Array): void {
    this.head(major, bytes.length);
    this.reserve(bytes.length);
    this.out.set(bytes, this.at);
    this.at += bytes.length;
  }

  private text(text: string): void {
    this.reserve(MAX_HEAD_BYTES + text.length);
    const start = this.at;
    this.head(MAJOR.text, text.length); // right if every character is ASCII
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.at = start;
        this.wideText(text);
        return;
      }
      this.out[this.at++] = unit;
    }
  }

  private wideText(text: string): void {
    const utf8 = utf8Of(text);
    if (utf8 === undefined) {
      throw new CborError('cbor/utf8', 'text with half a character, or that begins with a byte order mark');
    }
    this.bytes(MAJOR.text, utf8);
  }

  private array(items: readonly CborValue[], depth: number): void {
    this.head(MAJOR.array, items.length);
    for (const item of items) this.item(item, depth + 1);
  }

  private map(map: CborMap, depth: number): void {
    this.head(MAJOR.map, map.size);
    let [from, to] = [0, 0]; // the key before, as offsets in the message
    for (const [key, value] of map) {
      const keyFrom = this.at - this.start;
      if (typeof key === 'number') this.integer(key);
      else this.text(key);
      const { start, at } = this;
      if (compareKeys(this.out, start + from, start + to, start + keyFrom, at) >= 0) {
        throw new CborError('cbor/key-order', 'keys that do not ascend in the order of their encoding');
      }
      from = keyFrom;
      to = at - start;
      this.item(value, depth + 1);
    }
  }
}
