/** What goes wrong on the line of a commodity reader, each the next time that it says something of a tag. */

export const TAG_READER_FAULTS = {
  noise: { description: 'bytes of no meaning before what it says' },
  half: { description: 'only the first half of what it says' },
  damaged: { description: 'one bit of what it says is changed' },
} as const;
export type TagReaderFault = keyof typeof TAG_READER_FAULTS;

/** Bytes as they come over a line on which something went wrong. */
export function spoilt(bytes: Uint8Array, fault: TagReaderFault | undefined): Uint8Array {
  switch (fault) {
    case undefined:
      return bytes;
    case 'noise':
      return Uint8Array.of(0xff, 0x55, 0x80, 0x00, 0x7e, ...bytes);
    case 'half':
      return bytes.slice(0, Math.ceil(bytes.length / 2));
    case 'damaged':
      return bytes.map((byte, i) => (i === Math.floor(bytes.length / 2) ? byte ^ 0x01 : byte));
  }
}
