/**
 * CBOR taken apart for people to read (RFC 8949 §3): every item with its place in the bytes. Unlike the decoder this
 * takes all that is well-formed, and of what is not as much as there is; nothing is decided by what it finds.
 */
import { CborError, type ErrorCode } from '../errors.js';

/** Deeper than anything of ours, and shallow enough for a recursive reader. */
const MAX_DEPTH = 64;

/** Major types (RFC 8949 §3.1). */
export const MAJOR = { uint: 0, nint: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
export type Major = (typeof MAJOR)[keyof typeof MAJOR];

export interface Item {
  readonly major: Major;
  /** The low five bits of the initial byte: 31 is an indefinite length or a break. */
  readonly info: number;
  /** The head's argument: a value, a length, a count, a tag's number, the bits of a float. */
  readonly argument: bigint;
  /** Offsets: of the initial byte, of what follows the head, of what follows the item. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
  /** Elements, keys and values in turn, chunks of an indefinite string, or what a tag is on. */
  readonly children: readonly Item[];
  /** Whether a break code ends it. */
  readonly broken: boolean;
}

/** The items of a CBOR sequence (RFC 8742), and what ended it early. */
export interface Items {
  readonly items: readonly Item[];
  /** Why the bytes from `end` on are no CBOR. */
  readonly problem?: CborError | undefined;
  /** Offset of the first byte that belongs to none of the items. */
  readonly end: number;
}

/** Takes a sequence of items apart, as far as it goes. Never throws. */
export function readItems(bytes: Uint8Array): Items {
  const reader = new Reader(bytes);
  const items: Item[] = [];
  while (reader.at < bytes.length && reader.problem === undefined) {
    const item = reader.item(0);
    if (item !== undefined) items.push(item);
  }
  return { items, problem: reader.problem, end: reader.at };
}

/** The one array, map or tag that fills a byte string, where there is one: how COSE nests CBOR in byte strings. */
export function readEmbedded(bytes: Uint8Array): Item | undefined {
  const major = (bytes[0] ?? 0) >> 5;
  if (bytes.length < 2 || major < MAJOR.array || major > MAJOR.tag) return undefined;
  const { items, problem } = readItems(bytes);
  return problem === undefined && items.length === 1 ? items[0] : undefined;
}

class Reader {
  at = 0;
  problem: CborError | undefined;

  constructor(private readonly bytes: Uint8Array) {}

  /** The item at hand; one that is cut short inside has the children that are there, one without a head is nothing. */
  item(depth: number): Item | undefined {
    const { bytes, at: start } = this;
    const initial = bytes[start];
    if (initial === undefined) return this.stop('cbor/truncated', 'an item is missing');
    if (depth > MAX_DEPTH) return this.stop('cbor/too-deep', `nested deeper than ${MAX_DEPTH}`);
    const major = (initial >> 5) as Major;
    const info = initial & 0x1f;
    const width = info < 24 ? 0 : info < 28 ? 1 << (info - 24) : info === 31 ? 0 : undefined;
    if (width === undefined || (info === 31 && (major <= MAJOR.nint || major >= MAJOR.tag))) {
      return this.stop('cbor/reserved', 'a head that means nothing here');
    }
    if (start + 1 + width > bytes.length) return this.stop('cbor/truncated', 'a head is cut short');
    let argument = width === 0 && info !== 31 ? BigInt(info) : 0n;
    for (let i = 1; i <= width; i++) argument = argument * 256n + BigInt(bytes[start + i] ?? 0);
    const content = start + 1 + width;
    if (isString(major) && info !== 31) {
      if (argument > BigInt(bytes.length - content)) {
        return this.stop('cbor/truncated', `a string of ${argument.toString()} bytes is cut short`);
      }
      this.at = content + Number(argument);
      return { major, info, argument, start, content, end: this.at, children: [], broken: false };
    }
    this.at = content;
    const children = this.children(major, info, argument, depth);
    const broken = info === 31 && this.problem === undefined;
    return { major, info, argument, start, content, end: this.at, children, broken };
  }

  private children(major: Major, info: number, argument: bigint, depth: number): Item[] {
    const children: Item[] = [];
    if (info === 31) {
      while (this.problem === undefined && this.bytes[this.at] !== 0xff) this.push(children, depth, major);
      if (major === MAJOR.map && children.length % 2 === 1)
        this.stop('cbor/reserved', 'a map closed after a key');
      if (this.problem === undefined) this.at++;
      return children;
    }
    const count =
      major === MAJOR.array ? argument : major === MAJOR.map ? 2n * argument : major === MAJOR.tag ? 1n : 0n;
    for (let left = count; left > 0n && this.problem === undefined; left--) this.push(children, depth, major);
    return children;
  }

  private push(children: Item[], depth: number, parent: Major): void {
    const item = this.item(depth + 1);
    if (item === undefined) return;
    if (isString(parent) && (item.major !== parent || item.info === 31)) {
      this.at = item.start;
      this.stop('cbor/reserved', 'a chunk that is no string of its kind');
      return;
    }
    children.push(item);
  }

  private stop(code: ErrorCode, message: string): Item | undefined {
    this.problem ??= new CborError(code, `${message} (offset ${this.at})`, { offset: this.at });
    return undefined;
  }
}

function isString(major: Major): boolean {
  return major === MAJOR.bytes || major === MAJOR.text;
}
