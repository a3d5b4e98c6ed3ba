/** CBOR in diagnostic notation (RFC 8949 §8; `<<…>>` for CBOR in byte strings, RFC 8610 §G.3). */
import { toHex } from '../bytes.js';
import { type Item, MAJOR, readEmbedded, readItems } from './item.js';

export interface DiagnosticOptions {
  /** Show a byte string that is one whole array, map or tagged item as `<<…>>`. */
  readonly embedded?: boolean;
}

/** The bytes as text; of a CBOR sequence, its items with commas between. @throws CborError where they are no CBOR */
export function diagnostic(bytes: Uint8Array, options: DiagnosticOptions = {}): string {
  const { items, problem } = readItems(bytes);
  if (problem !== undefined) throw problem;
  return items.map((item) => itemText(bytes, item, options)).join(', ');
}

/** One item as text. */
export function itemText(bytes: Uint8Array, item: Item, options: DiagnosticOptions = {}): string {
  const text = (child: Item): string => itemText(bytes, child, options);
  const open = item.info === 31 ? '_ ' : '';
  switch (item.major) {
    case MAJOR.uint:
      return item.argument.toString();
    case MAJOR.nint:
      return (-1n - item.argument).toString();
    case MAJOR.bytes:
    case MAJOR.text:
      if (item.info === 31) return chunks(item, text);
      return item.major === MAJOR.text
        ? JSON.stringify(utf8.decode(bytes.subarray(item.content, item.end)))
        : bytesText(bytes.subarray(item.content, item.end), options);
    case MAJOR.array:
      return `[${open}${item.children.map(text).join(', ')}]`;
    case MAJOR.map:
      return `{${open}${pairs(item)
        .map(([key, value]) => `${text(key)}: ${text(value)}`)
        .join(', ')}}`;
    case MAJOR.tag:
      return `${item.argument.toString()}(${item.children.map(text).join('')})`;
    case MAJOR.simple:
      return simpleText(item);
  }
}

/** Keys with their values. */
export function pairs(map: Item): (readonly [key: Item, value: Item])[] {
  return map.children.flatMap((key, i, all) => {
    const value = all[i + 1];
    return i % 2 === 0 && value !== undefined ? [[key, value] as const] : [];
  });
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function bytesText(content: Uint8Array, options: DiagnosticOptions): string {
  const embedded = options.embedded === true ? readEmbedded(content) : undefined;
  return embedded === undefined ? `h'${toHex(content)}'` : `<<${itemText(content, embedded, options)}>>`;
}

function chunks(item: Item, text: (child: Item) => string): string {
  if (item.children.length === 0) return item.major === MAJOR.text ? '""_' : "''_";
  return `(_ ${item.children.map(text).join(', ')})`;
}

const NAMED = new Map([
  [20n, 'false'],
  [21n, 'true'],
  [22n, 'null'],
  [23n, 'undefined'],
]);

function simpleText({ info, argument }: Item): string {
  if (info >= 25) return floatText(info, argument);
  return NAMED.get(argument) ?? `simple(${argument.toString()})`;
}

function floatText(info: number, bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const value = info === 25 ? half(Number(bits)) : info === 26 ? view.getFloat32(4) : view.getFloat64(0);
  if (!Number.isFinite(value)) return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.]/.test(text) ? text : text.replace(/^(-?\d+)/, '$1.0');
}

/** IEEE 754 binary16 (RFC 8949, Appendix D). */
function half(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (fraction + 1024) * 2 ** (exponent - 25);
}
