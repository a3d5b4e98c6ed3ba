/** What our messages are made of. Maps keep their keys as numbers or text, never as object properties. */
export type CborValue = number | boolean | null | string | Uint8Array | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<number | string, CborValue>;
