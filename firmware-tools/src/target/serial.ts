/** Devices on serial ports. */
import type { Link } from '@timeband/protocol';
import { DEFAULT_BAUD_RATE, findPorts, openSerialLink } from '@timeband/protocol/serial';
import type { Target } from './target.js';

export interface SerialChoice {
  /** A path, a glob, or a USB identity: `usb:VID:PID` with or without `:SERIAL`. */
  readonly pattern: string;
  readonly baudRate?: number | undefined;
}

/** What serial targets need of the system. */
export interface SerialPorts {
  readonly findPorts: (pattern: string) => Promise<string[]>;
  /** @throws LinkError */
  readonly openLink: (options: { readonly path: string; readonly baudRate: number }) => Promise<Link>;
}

const SYSTEM: SerialPorts = { findPorts, openLink: openSerialLink };

/** None when nothing is there. */
export async function serialTargets(
  { pattern, baudRate = DEFAULT_BAUD_RATE }: SerialChoice,
  ports: SerialPorts = SYSTEM,
): Promise<Target[]> {
  return (await ports.findPorts(pattern)).map((path) => serialTarget(path, baudRate, ports));
}

export function serialTarget(
  path: string,
  baudRate: number = DEFAULT_BAUD_RATE,
  ports: SerialPorts = SYSTEM,
): Target {
  return {
    ...{ transport: 'serial', name: path, isUntrusted: false },
    open: () => ports.openLink({ path, baudRate }),
  };
}
