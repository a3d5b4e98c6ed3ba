/** Decoded values for printing: as JSON, and as a line for people. */
import { PublicKey, TimebandError, toHex } from '@timeband/protocol';

/** Plain JSON of any decoded value: byte strings in hexadecimal, maps as objects. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof TimebandError) return { error: { code: value.code, message: value.message } };
  if (value instanceof PublicKey) {
    const { algorithm, x, y } = value;
    return plain({ algorithm, x, y });
  }
  if (value instanceof Map) {
    return Object.fromEntries(
      [...(value as ReadonlyMap<unknown, unknown>)].map(([key, one]) => [String(key), plain(one)]),
    );
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, plain);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined && typeof one !== 'function')
      .map(([key, one]) => [key, plain(one)]),
  );
}

/** Hexadecimal digits of a byte string that are shown in a line. */
const SHOWN = 16;

/** `seq 12, boot 3, log 2f8f82244355f7bc…`: what {@link plain} made, in one line. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return short(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `[${value.map(inWords).join(', ')}]`;
  return Object.entries(value)
    .map(([key, one]) => {
      const name = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      if (one === true) return name;
      if (typeof one === 'object' && one !== null && !Array.isArray(one)) return `${name} (${inWords(one)})`;
      return `${name} ${inWords(one)}`;
    })
    .join(', ');
}

function short(text: string): string {
  return text.length > SHOWN + 1 && /^[0-9a-f]+$/.test(text) ? `${text.slice(0, SHOWN)}…` : text;
}

/** An ISO time to the second, of Unix seconds. */
export function utc(unixSeconds: number): string {
  const ms = unixSeconds * 1_000;
  return Math.abs(ms) <= 8.64e15 ? `${new Date(ms).toISOString().slice(0, 19)}Z` : `${unixSeconds} s`;
}
