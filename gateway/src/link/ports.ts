/** Which device files a link setting means right now. */
import { findPorts as findPaths } from '@timeband/protocol/serial';
import { SerialPort } from 'serialport';
import type { LinkConfig } from '../config/index.js';

/** A port that is there. */
export interface FoundPort {
  readonly path: string;
  readonly baudRate: number;
}

/** Looks for a setting's ports: the path if it exists, the glob's matches, or the ports with that USB identity. */
export async function findPorts(link: LinkConfig): Promise<FoundPort[]> {
  const { baudRate } = link;
  if ('path' in link || 'glob' in link) {
    const paths = await findPaths('path' in link ? link.path : link.glob);
    return paths.map((path) => ({ path, baudRate }));
  }
  const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
  const ports = await SerialPort.list();
  return ports
    .filter(
      (port) =>
        same(port.vendorId, link.usb.vendorId) &&
        same(port.productId, link.usb.productId) &&
        (link.usb.serialNumber === undefined || port.serialNumber === link.usb.serialNumber),
    )
    .map((port) => ({ path: port.path, baudRate }));
}
