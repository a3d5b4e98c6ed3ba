/**
 * Reads CBOR from outside (RFC 8949 §3, §4.2.1) in one pass that judges and decodes: whatever is not refused is what
 * the caller gets, since no second parser could see it otherwise. No tag is ever permitted: COSE and CWT tags are
 * peeled off by their own layer.
 */
import { CborError } from '../errors.js';
import { MAJOR, SIMPLE } from './head.js';
import { compareKeys } from './key-order.js';
import type { Profile } from './profile.js';
import { readUtf8 } from './utf8.js';
import type { CborMap, CborValue } from './value.js';

const BREAK = 0xff;
const INDEFINITE = 31;

/** One pass over a message. Byte strings in the result are views of it. */
export class Reader {
  /** The offset of the next item. */
  at = 0;
  private items = 0;
  private readonly integerBits: 32 | 53;

  /** @throws CborError `cbor/too-large` */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly profile: Profile,
  ) {
    this.integerBits = profile.deterministic ? 32 : 53;
    if (bytes.length > profile.maxBytes) {
      throw this.error('cbor/too-large', `${bytes.length} bytes of CBOR, at most ${profile.maxBytes}`);
    }
  }

  /**
   * The next data item.
   * @throws CborError with the code of the first rule broken and the offset where
   */
  read(): CborValue {
    return this.item(0);
  }

  /** @throws CborError `cbor/trailing-bytes` */
  end(): void {
    if (this.at !== this.bytes.length) throw this.error('cbor/trailing-bytes', 'bytes follow the data item');
  }

  private error(code: CborError['code'], message: string): CborError {
    return new CborError(code, `${message} (offset ${this.at})`, {
      offset: this.at,
      profile: this.profile.name,
    });
  }

  private count(): void {
    if (++this.items > this.profile.maxItems) {
      throw this.error('cbor/too-many-items', `more than ${this.profile.maxItems} items`);
    }
  }

  private item(depth: number): CborValue {
    if (depth > this.profile.maxDepth)
      throw this.error('cbor/too-deep', `nested deeper than ${this.profile.maxDepth}`);
    this.count();
    const initial = this.bytes[this.at];
    if (initial === undefined) throw this.error('cbor/truncated', 'an item is missing');
    const info = initial & 0x1f;
    switch (initial >> 5) {
      case MAJOR.unsigned:
        return this.argument(info, this.integerBits);
      case MAJOR.negative:
        return -1 - this.argument(info, this.integerBits);
      case MAJOR.bytes:
        return this.string(this.argument(info));
      case MAJOR.text:
        return this.text(this.argument(info));
      case MAJOR.array:
        return this.array(info, depth);
      case MAJOR.map:
        return this.map(info, depth);
      case MAJOR.tag:
        throw this.error('cbor/tag', 'a tag is not allowed here');
      default:
        return this.simple(info);
    }
  }

  /** Reads a head's argument of at most `bits`. */
  private argument(info: number, bits: 32 | 53 = 32, shortest = this.profile.deterministic): number {
    this.at++;
    if (info < 24) return info;
    const { bytes, at } = this;
    const width = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
    if (width === 0) {
      throw info === INDEFINITE
        ? this.error('cbor/indefinite', 'an indefinite length is not allowed here')
        : this.error('cbor/reserved', 'a reserved additional information value');
    }
    if (at + width > bytes.length) throw this.error('cbor/truncated', 'a head is cut short');
    let value = 0;
    for (let i = at; i < at + width; i++) value = value * 256 + (bytes[i] ?? 0);
    if (width === 8 && (bits === 32 || value > Number.MAX_SAFE_INTEGER)) {
      throw this.error('cbor/integer-range', `wider than ${bits} bits`);
    }
    if (shortest) {
      const least = width === 1 ? 24 : width === 2 ? 0x100 : width === 4 ? 0x1_0000 : 0x1_0000_0000;
      if (value < least) throw this.error('cbor/not-shortest', 'a head longer than needed');
    }
    this.at = at + width;
    return value;
  }

  private string(length: number): Uint8Array {
    const start = this.at;
    if (length > this.bytes.length - start) throw this.error('cbor/truncated', 'a string is cut short');
    this.at = start + length;
    return this.bytes.subarray(start, this.at);
  }

  private text(length: number): string {
    const start = this.at;
    if (length > this.bytes.length - start) throw this.error('cbor/truncated', 'a string is cut short');
    const text = readUtf8(this.bytes, start, start + length);
    if (text === undefined)
      throw this.error('cbor/utf8', 'text that is not UTF-8, or begins with a byte order mark');
    this.at = start + length;
    return text;
  }

  private array(info: number, depth: number): readonly CborValue[] {
    const items: CborValue[] = [];
    for (let left = this.length(info); this.another(left); left--) items.push(this.item(depth + 1));
    return items;
  }

  private map(info: number, depth: number): CborMap {
    const { profile } = this;
    const map = new Map<number | string, CborValue>();
    let [lastStart, lastEnd] = [this.at, this.at]; // an empty key, below any other
    for (let left = this.length(info); this.another(left); left--) {
      if (map.size === profile.maxMapEntries) {
        throw this.error('cbor/too-many-items', `a map of more than ${profile.maxMapEntries} entries`);
      }
      const start = this.at;
      const key = this.key();
      if (map.has(key)) throw this.error('cbor/key-duplicate', 'a key occurs twice');
      if (profile.deterministic) {
        if (compareKeys(this.bytes, lastStart, lastEnd, start, this.at) > 0) {
          throw this.error('cbor/key-order', 'keys are not in ascending order');
        }
        lastStart = start;
        lastEnd = this.at;
      }
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  /** A key's head is always the shortest: a longer one could hide a duplicate. */
  private key(): number | string {
    this.count();
    const initial = this.bytes[this.at];
    if (initial === undefined) throw this.error('cbor/truncated', 'a key is missing');
    const info = initial & 0x1f;
    switch (initial >> 5) {
      case MAJOR.unsigned:
        return this.argument(info, this.integerBits, true);
      case MAJOR.negative:
        return -1 - this.argument(info, this.integerBits, true);
      case MAJOR.text:
        return this.text(this.argument(info, 32, true));
      default:
        throw this.error('cbor/key-type', 'a key that is neither an integer nor text');
    }
  }

  /** How many elements or entries follow; Infinity where a break ends them. */
  private length(info: number): number {
    if (info !== INDEFINITE || this.profile.deterministic) return this.argument(info);
    this.at++;
    return Infinity;
  }

  /** Whether another element follows. Consumes the break. */
  private another(left: number): boolean {
    if (left !== Infinity) return left > 0;
    if (this.bytes[this.at] !== BREAK) return true;
    this.at++;
    return false;
  }

  private simple(info: number): CborValue {
    this.at++;
    switch (info) {
      case SIMPLE.false:
        return false;
      case SIMPLE.true:
        return true;
      case SIMPLE.null:
        return null;
      case 25:
      case 26:
      case 27:
        return this.float(info === 25 ? 2 : info === 26 ? 4 : 8);
      case INDEFINITE:
        throw this.error('cbor/reserved', 'a break without an opening');
      default:
        throw this.error('cbor/simple', 'a simple value that is not used');
    }
  }

  private float(width: 2 | 4 | 8): number {
    if (this.profile.deterministic) throw this.error('cbor/float', 'floating point is not used');
    const { buffer, byteOffset } = this.string(width);
    const view = new DataView(buffer, byteOffset, width);
    return width === 2 ? halfFloat(view.getUint16(0)) : width === 4 ? view.getFloat32(0) : view.getFloat64(0);
  }
}

/** IEEE 754 binary16 (RFC 8949, Appendix D). */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
