/** A tar archive of a few small files (POSIX.1-1988 ustar). */
export interface TarFile {
  /** At most 100 bytes. */
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;

/** @param mtime Unix seconds */
export function tar(files: readonly TarFile[], mtime: number): Buffer {
  const blocks = files.flatMap(({ name, content }) => [
    header(name, content.length, mtime),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, size: number, mtime: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is too long a name for a tar archive`);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(0o600, 7) + octal(0, 7) + octal(0, 7), 100);
  block.write(octal(size, 11) + octal(Math.floor(mtime), 11), 124);
  block.write('        0', 148); // the sum is made over blanks; 0: a file
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
