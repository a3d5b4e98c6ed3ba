/** Which controller: a dongle on a serial line, or an adapter of the kernel. */
import { NativeHciPort } from './native-port.js';
import type { HciPort } from './port.js';
import { SerialHciPort, type SerialHciOptions } from './serial-port.js';

export type PortChoice =
  | ({ readonly kind: 'serial' } & SerialHciOptions)
  /** Its number: 0 for hci0. */
  | { readonly kind: 'native'; readonly adapter: number };

/** Not opened yet. */
export function makePort(choice: PortChoice): HciPort {
  return choice.kind === 'serial' ? new SerialHciPort(choice) : new NativeHciPort(choice.adapter);
}
