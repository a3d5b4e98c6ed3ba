/** Heads of CBOR items in any form, the wrong ones too: the protocol's own writer cannot write those. */

export const MAJOR = { bytes: 2, map: 5, tag: 6 } as const;

/** A head whose argument takes `width` bytes, or as few as it can. */
export function writeArgument(major: number, argument: bigint, width?: number): Uint8Array {
  if (width === undefined && argument < 24n) return Uint8Array.of((major << 5) | Number(argument));
  const bytes =
    width ?? (argument < 0x100n ? 1 : argument < 0x1_0000n ? 2 : argument < 0x1_0000_0000n ? 4 : 8);
  const out = new Uint8Array(1 + bytes);
  out[0] = (major << 5) | (24 + Math.log2(bytes));
  for (let i = bytes, left = argument; i > 0; i--, left >>= 8n) out[i] = Number(left & 0xffn);
  return out;
}
