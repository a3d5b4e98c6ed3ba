/** UTF-8 (RFC 3629) in both directions, total. Most of our text is a short ASCII id, which needs no library. */

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();
const BYTE_ORDER_MARK = '\ufeff';
const SHORT = 64;

/** The text between `start` and `end`, or nothing if it is not UTF-8 or begins with a mark that decoders drop. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT) {
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = bytes[i] ?? 0;
      if (byte > 0x7f) return decoded(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decoded(bytes.subarray(start, end));
}

function decoded(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of a text that {@link readUtf8} would give back, or nothing. */
export function utf8Of(text: string): Uint8Array | undefined {
  if (text.startsWith(BYTE_ORDER_MARK) || /\p{Surrogate}/u.test(text)) return undefined;
  return encoder.encode(text);
}
