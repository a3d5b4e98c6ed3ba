/** CBOR as commented hexadecimal, an item a line, the way specifications print it (RFC 8949, Appendix A; cbor.me). */
import { toHex } from '../bytes.js';
import { itemText, pairs } from './diagnostic.js';
import { type Item, MAJOR, readEmbedded, readItems } from './item.js';

/** What the parts of an item are called. Parts without a name are shown without one. */
export interface Label {
  readonly name?: string | undefined;
  /** What the numbers that can stand here mean. */
  readonly values?: Readonly<Record<number, string>> | undefined;
  /** A map's values by their key. */
  readonly fields?: Readonly<Record<number | string, Label>> | undefined;
  /** An array's elements in order; `each` is for those beyond. */
  readonly elements?: readonly Label[] | undefined;
  readonly each?: Label | undefined;
  /** What a tag is on, or what CBOR is in a byte string. */
  readonly content?: Label | undefined;
}

/** Bytes of a string on one line. */
const LINE_BYTES = 32;
/** Comments stand in one column, unless a line is longer than this. */
const WIDEST = 48;
const INDENT = '  ';

interface Line {
  readonly hex: string;
  readonly comment: string;
}

/**
 * Commented lines whose hexadecimal, joined, is exactly `bytes`. Takes any bytes: what is no CBOR is shown as it is,
 * with the reason.
 */
export function annotate(bytes: Uint8Array, label: Label = {}): string[] {
  const lines: Line[] = [];
  sequence(bytes, label, '', lines);
  return align(lines);
}

/** Lines of hexadecimal with their comments in one column. */
export function align(lines: readonly Line[]): string[] {
  const width = Math.max(0, ...lines.map(({ hex }) => hex.length).filter((length) => length <= WIDEST));
  return lines.map(({ hex, comment }) => (comment === '' ? hex : `${hex.padEnd(width)} # ${comment}`));
}

/** The bytes that commented lines stand for. Throws a RangeError on anything but hexadecimal before the `#`. */
export function uncommented(lines: readonly string[]): string {
  return lines.map((line) => line.replace(/#.*$/s, '').replaceAll(/\s/g, '')).join('');
}

function sequence(bytes: Uint8Array, label: Label, indent: string, lines: Line[]): void {
  const { items, problem, end } = readItems(bytes);
  for (const item of items) new Printer(bytes, lines).print(item, label, indent, '');
  if (problem === undefined) return;
  raw(bytes.subarray(end), indent, `not CBOR: ${problem.message}`, lines);
}

class Printer {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly lines: Line[],
  ) {}

  /** `before` is a key that stands on the same line. */
  print(item: Item, label: Label, indent: string, before: string, key = ''): void {
    const hex = `${indent}${before}${this.head(item)}`;
    const name = label.name ?? key;
    const say = (what: string): string => (name === '' ? what : `${name}: ${what}`);
    const inner = `${indent}${INDENT}${before === '' ? '' : ' '}`;
    switch (item.major) {
      case MAJOR.uint:
      case MAJOR.nint:
      case MAJOR.simple: {
        const text = itemText(this.bytes, item);
        const meaning = label.values?.[Number(text)];
        this.lines.push({ hex, comment: say(meaning === undefined ? text : `${text}, ${meaning}`) });
        return;
      }
      case MAJOR.bytes:
      case MAJOR.text:
        this.string(item, label, hex, inner, say);
        return;
      case MAJOR.array:
        this.lines.push({ hex, comment: say(`an array of ${this.count(item, 1)}`) });
        item.children.forEach((child, i) => {
          this.print(child, label.elements?.[i] ?? label.each ?? {}, inner, '');
        });
        break;
      case MAJOR.map:
        this.lines.push({ hex, comment: say(`a map of ${this.count(item, 2)}`) });
        for (const [keyItem, value] of pairs(item)) {
          const keyText = itemText(this.bytes, keyItem);
          const keyHex = toHex(this.bytes.subarray(keyItem.start, keyItem.end));
          const field = label.fields?.[keyText] ?? label.fields?.[keyText.replaceAll('"', '')] ?? {};
          this.print(value, field, inner, `${keyHex} `, `[${keyText}]`);
        }
        if (item.children.length % 2 === 1)
          this.print(item.children.at(-1) ?? item, {}, inner, '', 'a key alone');
        break;
      case MAJOR.tag:
        this.lines.push({ hex, comment: say(tagName(item.argument)) });
        for (const child of item.children) this.print(child, label.content ?? {}, inner, '');
        return;
    }
    if (item.broken) this.lines.push({ hex: `${inner}ff`, comment: 'the end' });
  }

  private string(item: Item, label: Label, hex: string, inner: string, say: (what: string) => string): void {
    if (item.info === 31) {
      this.lines.push({ hex, comment: say('a string in chunks') });
      for (const chunk of item.children) this.print(chunk, {}, inner, '');
      if (this.bytes[item.end - 1] === 0xff) this.lines.push({ hex: `${inner}ff`, comment: 'the end' });
      return;
    }
    const content = this.bytes.subarray(item.content, item.end);
    const unit = content.length === 1 ? 'byte' : 'bytes';
    if (item.major === MAJOR.bytes && (label.content !== undefined || readEmbedded(content) !== undefined)) {
      this.lines.push({ hex, comment: say(`${content.length} ${unit}, in which`) });
      sequence(content, label.content ?? {}, inner, this.lines);
      return;
    }
    const comment = item.major === MAJOR.text ? itemText(this.bytes, item) : `${content.length} ${unit}`;
    if (content.length <= LINE_BYTES) {
      const gap = content.length === 0 ? '' : ' ';
      this.lines.push({ hex: `${hex}${gap}${toHex(content)}`, comment: say(comment) });
      return;
    }
    this.lines.push({ hex, comment: say(comment) });
    raw(content, inner, '', this.lines);
  }

  /** The initial byte, and apart from it the rest of the head. */
  private head(item: Item): string {
    const initial = toHex(this.bytes.subarray(item.start, item.start + 1));
    const rest = toHex(this.bytes.subarray(item.start + 1, item.content));
    return rest === '' ? initial : `${initial} ${rest}`;
  }

  private count(item: Item, per: 1 | 2): string {
    if (item.info === 31) return 'any length';
    const there = BigInt(Math.floor(item.children.length / per));
    const said = item.argument.toString();
    return there === item.argument ? said : `${said}, of which ${there.toString()} are there`;
  }
}

function raw(bytes: Uint8Array, indent: string, comment: string, lines: Line[]): void {
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const hex = `${indent}${toHex(bytes.subarray(at, at + LINE_BYTES))}`;
    lines.push({ hex, comment: at === 0 ? comment : '' });
  }
  if (bytes.length === 0 && comment !== '') lines.push({ hex: indent.trimEnd(), comment });
}

const TAGS = new Map([
  [16n, 'COSE_Encrypt0'],
  [17n, 'COSE_Mac0'],
  [18n, 'COSE_Sign1'],
  [61n, 'CWT'],
]);

function tagName(tag: bigint): string {
  const name = TAGS.get(tag);
  return name === undefined ? `tag ${tag.toString()}` : `tag ${tag.toString()}, ${name}`;
}
