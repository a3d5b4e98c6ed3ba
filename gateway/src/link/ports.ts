/** Which device files a link setting means right now. */
import { findPorts as findPaths, findUsbPorts } from '@timeband/protocol/serial';
import type { LinkConfig } from '../config/index.js';

/** A port that is there. */
export interface FoundPort {
  readonly path: string;
  readonly baudRate: number;
}

/** Looks for a setting's ports: the path if it exists, the glob's matches, or the ports with that USB identity. */
export async function findPorts(link: LinkConfig): Promise<FoundPort[]> {
  const { baudRate } = link;
  const paths =
    'usb' in link ? await findUsbPorts(link.usb) : await findPaths('path' in link ? link.path : link.glob);
  return paths.map((path) => ({ path, baudRate }));
}
