/** Bytes as people have them: a file, hexadecimal, commented hexadecimal, a hex dump, base64, the text of a receipt. */
import { fromHex, isReceiptText, receiptFromText, TimebandError } from '@timeband/protocol';
import { uncommented } from '@timeband/protocol/cbor-text';

/** What a person gave, and in which form. */
export type Input =
  | { readonly form: 'bytes' | 'hex' | 'base64' | 'receipt text'; readonly bytes: Uint8Array }
  /** Text that is decoded as such. */
  | { readonly form: 'register' | 'json'; readonly text: string }
  | { readonly form: 'unreadable'; readonly why: string };

/** Longer input than this is none of ours, and would only be printed for minutes. */
export const MAX_INPUT_BYTES = 1 << 20;

/** Reads what a file holds: text where it is text. */
export function readInput(bytes: Uint8Array): Input {
  if (bytes.length > MAX_INPUT_BYTES)
    return {
      form: 'unreadable',
      why: `${bytes.length} bytes: more than anything of ours. A capture is for bandctl trace`,
    };
  const text = textOf(bytes);
  return text === undefined ? { form: 'bytes', bytes } : readText(text);
}

/** Reads text that a person pasted. */
export function readText(text: string): Input {
  const trimmed = text.trim();
  if (trimmed === '') return { form: 'unreadable', why: 'there is nothing' };
  if (trimmed.startsWith('timeband-register')) return { form: 'register', text };
  if (trimmed.startsWith('-----BEGIN'))
    return {
      form: 'unreadable',
      why: 'a PEM file: keys are not shown. bandctl image pubkey shows the public part',
    };
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return { form: 'json', text: trimmed };
  if (isReceiptText(trimmed)) return receipt(trimmed);
  const hex = hexIn(trimmed);
  if (hex !== undefined) return { form: 'hex', bytes: fromHex(hex) };
  const base64 = base64In(trimmed);
  if (base64 !== undefined) return { form: 'base64', bytes: base64 };
  return {
    form: 'unreadable',
    why: 'neither hexadecimal nor base64. Is something missing, or too much copied?',
  };
}

function receipt(text: string): Input {
  try {
    return { form: 'receipt text', bytes: receiptFromText(text) };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { form: 'unreadable', why: error.message };
  }
}

/** Text is what has no control characters but white space, and is UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.some((byte) => (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f))
    return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `xxd` and `hexdump -C`: an offset, the bytes, and what they are as text. */
const DUMP = /^[0-9a-f]{4,8}:? {1,2}((?:[0-9a-f]{2,4} {1,2})*[0-9a-f]{2,4})(?: {2}.*)?$/i;

function hexIn(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const dumped = lines.map((line) => DUMP.exec(line.trimEnd())?.[1]);
  const isDump =
    dumped.filter((line) => line !== undefined).length >= lines.length - 1 && /^0{4,8}:?\s/.test(text);
  const plainHex = isDump
    ? dumped.join('').replaceAll(/\s/g, '')
    : uncommented(lines).replaceAll(/0x|\\x|[,:;_-]/gi, '');
  const hex = plainHex.toLowerCase();
  return hex.length > 0 && hex.length % 2 === 0 && /^[0-9a-f]+$/.test(hex) ? hex : undefined;
}

/** Both alphabets, with or without padding, over several lines. */
function base64In(text: string): Uint8Array | undefined {
  const joined = text.replaceAll(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(joined) || joined.replace(/=+$/, '').length % 4 === 1) return undefined;
  return Uint8Array.from(Buffer.from(joined, 'base64'));
}
