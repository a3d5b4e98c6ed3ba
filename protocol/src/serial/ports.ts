/**
 * Which ports a path, a glob or a USB identity means right now. Glob libraries leave character devices out, which is
 * what ports are, so the little that port names need is done here: `*`, `?` and `[…]` within one part of a path.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';
import { SerialPort } from 'serialport';
import { LinkError } from '../errors.js';

const WILDCARD = /[*?[]/;

/** What a USB device says it is: vendor and product in four hexadecimal digits each. */
export interface UsbIdentity {
  readonly vendorId: string;
  readonly productId: string;
  /** Any of that kind without. */
  readonly serialNumber?: string | undefined;
}

/** The ports of USB devices with that identity, in order. @throws LinkError `link/open` where the system cannot list them */
export async function findUsbPorts({ vendorId, productId, serialNumber }: UsbIdentity): Promise<string[]> {
  const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
  const ports = await SerialPort.list().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new LinkError('link/open', `this system does not tell which USB ports there are: ${why}`);
  });
  return ports
    .filter(
      (port) =>
        same(port.vendorId, vendorId) &&
        same(port.productId, productId) &&
        (serialNumber === undefined || port.serialNumber === serialNumber),
    )
    .map(({ path }) => path)
    .sort();
}

/** Reads `usb:VID:PID` or `usb:VID:PID:SERIAL`; undefined for anything else. */
export function parseUsbIdentity(text: string): UsbIdentity | undefined {
  const [, vendorId, productId, serialNumber] =
    /^usb:([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?$/i.exec(text) ?? [];
  if (vendorId === undefined || productId === undefined) return undefined;
  return { vendorId, productId, serialNumber };
}

/** The path itself if it is there, the ports of a USB identity, else all that the glob matches, absolute and in order. */
export async function findPorts(pattern: string): Promise<string[]> {
  if (existsSync(pattern)) return [pattern];
  const usb = parseUsbIdentity(pattern);
  if (usb !== undefined) return findUsbPorts(usb);
  if (!WILDCARD.test(pattern)) return [];
  const { root } = parse(resolve(pattern));
  const parts = resolve(pattern).slice(root.length).split(sep);
  let found = [root];
  for (const part of parts) found = (await Promise.all(found.map((dir) => matches(dir, part)))).flat();
  return found.sort();
}

/** Paths below `dir` that one part of a glob stands for. */
async function matches(dir: string, part: string): Promise<string[]> {
  const literal = join(dir, part);
  if (!WILDCARD.test(part) || existsSync(literal)) return existsSync(literal) ? [literal] : [];
  try {
    const wanted = toRegExp(part);
    return (await readdir(dir)).filter((name) => wanted.test(name)).map((name) => join(dir, name));
  } catch {
    return []; // no directory, not for us, or a range that begins after its end: nothing is found there
  }
}

function toRegExp(part: string): RegExp {
  const source = part.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.length === 1) return piece.replace(/[\\^$.|+()[\]{}]/, '\\$&');
    return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
  });
  return new RegExp(`^${source}$`, 's');
}
