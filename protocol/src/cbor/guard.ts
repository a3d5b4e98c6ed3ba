/**
 * The guard: one linear scan over CBOR from outside before any decoder sees it (RFC 8949 §3, §4.2.1).
 * It bounds size, depth, items and tags in every profile; the strict profile also demands the core
 * deterministic form, so that a value has one encoding and a hash of bytes is a hash of the value.
 */
import { CborError } from '../errors.js';

/** What a scan permits. */
export interface GuardProfile {
  readonly name: string;
  /** Deterministic form: definite lengths, shortest heads, keys sorted bytewise, no floats, 32-bit integers. */
  readonly deterministic: boolean;
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Data items in all, which also bounds the work of decoding. */
  readonly maxItems: number;
  /** Entries of one map. Bounds the quadratic search for duplicates where keys need not be sorted. */
  readonly maxMapEntries: number;
}

/** Records, seals, certificates, events: what is hashed or signed. */
export const STRICT: GuardProfile = {
  name: 'strict',
  deterministic: true,
  maxBytes: 65_536,
  maxDepth: 12,
  maxItems: 4_096,
  maxMapEntries: 256,
};

/** SMP answers: real servers (zcbor) send maps and arrays of indefinite length, and keys in any order. */
export const LENIENT: GuardProfile = {
  name: 'lenient',
  deterministic: false,
  maxBytes: 65_536,
  maxDepth: 12,
  maxItems: 4_096,
  maxMapEntries: 64,
};

const BREAK = 0xff;
const MAX_SAFE_HIGH = 0x1f_ffff; // 2^53 - 1, the upper word

/**
 * Accepts exactly one data item that fills `bytes`, or throws.
 * No tag is ever permitted: COSE and CWT tags are peeled off by their own layer.
 *
 * @throws CborError with the code of the first rule broken and the offset where.
 */
export function guard(bytes: Uint8Array, profile: GuardProfile): void {
  if (bytes.length > profile.maxBytes) {
    throw new CborError('cbor/too-large', `${bytes.length} bytes of CBOR, at most ${profile.maxBytes}`, {
      length: bytes.length,
    });
  }
  const scan = new Scan(bytes, profile);
  scan.item(0);
  if (scan.at !== bytes.length) throw scan.error('cbor/trailing-bytes', 'bytes follow the data item');
}

class Scan {
  at = 0;
  private items = 0;
  private readonly integerBits: 32 | 53;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly profile: GuardProfile,
  ) {
    this.integerBits = profile.deterministic ? 32 : 53;
  }

  error(code: CborError['code'], message: string): CborError {
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

  item(depth: number): void {
    if (depth > this.profile.maxDepth)
      throw this.error('cbor/too-deep', `nested deeper than ${this.profile.maxDepth}`);
    this.count();
    const initial = this.bytes[this.at];
    if (initial === undefined) throw this.error('cbor/truncated', 'an item is missing');
    const info = initial & 0x1f;
    switch (initial >> 5) {
      case 0: // unsigned integer
      case 1: // negative integer
        this.argument(info, this.integerBits);
        return;
      case 2: // byte string
        this.skip(this.argument(info));
        return;
      case 3: // text string
        this.text(this.argument(info));
        return;
      case 4: // array
        if (info === 31) {
          this.openIndefinite();
          while (!this.closed()) this.item(depth + 1);
        } else {
          for (let n = this.argument(info); n > 0; n--) this.item(depth + 1);
        }
        return;
      case 5: // map
        this.map(info, depth);
        return;
      case 6:
        throw this.error('cbor/tag', 'a tag is not allowed here');
      default:
        this.simple(info);
    }
  }

  /** Reads a head's argument of at most `bits`. */
  private argument(info: number, bits: 32 | 53 = 32, shortest = this.profile.deterministic): number {
    this.at++;
    if (info < 24) return info;
    const { bytes, at } = this;
    const width = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
    if (width === 0) {
      throw info === 31
        ? this.error('cbor/indefinite', 'an indefinite length is not allowed here')
        : this.error('cbor/reserved', 'a reserved additional information value');
    }
    if (at + width > bytes.length) throw this.error('cbor/truncated', 'a head is cut short');
    let value = 0;
    for (let i = 0; i < Math.min(width, 4); i++) value = value * 256 + (bytes[at + i] ?? 0);
    if (width === 8) {
      if (bits === 32 || value > MAX_SAFE_HIGH)
        throw this.error('cbor/integer-range', `wider than ${bits} bits`);
      for (let i = 4; i < 8; i++) value = value * 256 + (bytes[at + i] ?? 0);
    }
    if (shortest) {
      const least = width === 1 ? 24 : width === 2 ? 0x100 : width === 4 ? 0x1_0000 : 0x1_0000_0000;
      if (value < least) throw this.error('cbor/not-shortest', 'a head longer than needed');
    }
    this.at = at + width;
    return value;
  }

  private skip(length: number): void {
    if (length > this.bytes.length - this.at) throw this.error('cbor/truncated', 'a string is cut short');
    this.at += length;
  }

  private text(length: number): void {
    const start = this.at;
    this.skip(length);
    if (startsWithBom(this.bytes, start, this.at)) {
      throw this.error('cbor/utf8', 'text that begins with a byte order mark, which decoders drop');
    }
    for (let i = start; i < this.at; i++) {
      if ((this.bytes[i] ?? 0) > 0x7f) {
        if (!validUtf8(this.bytes.subarray(start, this.at)))
          throw this.error('cbor/utf8', 'text that is not UTF-8');
        return;
      }
    }
  }

  private openIndefinite(): void {
    if (this.profile.deterministic)
      throw this.error('cbor/indefinite', 'an indefinite length is not allowed here');
    this.at++;
  }

  /** Whether a break code stands here; consumes it. */
  private closed(): boolean {
    if (this.bytes[this.at] !== BREAK) return false;
    this.at++;
    return true;
  }

  private map(info: number, depth: number): void {
    const { bytes, profile } = this;
    let left: number;
    if (info === 31) {
      this.openIndefinite();
      left = Infinity;
    } else {
      left = this.argument(info);
    }
    const ordered = profile.deterministic;
    const keys: number[] = []; // start and end of every key; only the last one where keys are sorted
    let entries = 0;
    while (left === Infinity ? !this.closed() : left-- > 0) {
      if (++entries > profile.maxMapEntries) {
        throw this.error('cbor/too-many-items', `a map of more than ${profile.maxMapEntries} entries`);
      }
      const start = this.at;
      this.key();
      const end = this.at;
      for (let k = 0; k < keys.length; k += 2) {
        const order = compareRange(bytes, keys[k] ?? 0, keys[k + 1] ?? 0, start, end);
        if (order === 0) throw this.error('cbor/key-duplicate', 'a key occurs twice');
        if (ordered && order > 0) throw this.error('cbor/key-order', 'keys are not in ascending order');
      }
      if (ordered) {
        keys[0] = start;
        keys[1] = end;
      } else {
        keys.push(start, end);
      }
      this.item(depth + 1);
    }
  }

  /** A key's head is always the shortest: a longer one could hide a duplicate. */
  private key(): void {
    this.count();
    const initial = this.bytes[this.at];
    if (initial === undefined) throw this.error('cbor/truncated', 'a key is missing');
    const major = initial >> 5;
    if (major <= 1) this.argument(initial & 0x1f, this.integerBits, true);
    else if (major === 3) this.text(this.argument(initial & 0x1f, 32, true));
    else throw this.error('cbor/key-type', 'a key that is neither an integer nor text');
  }

  private simple(info: number): void {
    // false, true and null need no argument
    if (info === 20 || info === 21 || info === 22) {
      this.at++;
      return;
    }
    if (info === 25 || info === 26 || info === 27) {
      if (this.profile.deterministic) throw this.error('cbor/float', 'floating point is not used');
      this.at++;
      this.skip(info === 25 ? 2 : info === 26 ? 4 : 8);
      return;
    }
    if (info === 31) throw this.error('cbor/reserved', 'a break without an opening');
    throw this.error('cbor/simple', 'a simple value that is not used');
  }
}

/** Bytewise lexicographic order of two ranges, as RFC 8949 §4.2.1 sorts keys. */
function compareRange(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[aStart + i] ?? 0) - (bytes[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

function startsWithBom(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function validUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
