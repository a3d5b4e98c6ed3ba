/** The package below noble, which gives it sockets by name. It is CommonJS, and its one function is to be exchanged. */
import { createRequire } from 'node:module';
import type { BluetoothHciSocket } from '@stoprocent/bluetooth-hci-socket';
import { RadioFailure } from '../failure.js';

/** The socket classes by name; noble's are replaced here before noble is loaded. */
export interface Drivers {
  loadDriver: (type: string) => unknown;
}

const require = createRequire(import.meta.url);

/** @throws RadioFailure where the package has no addon for this machine: it loads one, whichever socket is asked for */
export function loadDrivers(): Drivers {
  try {
    return require('@stoprocent/bluetooth-hci-socket') as Drivers;
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new RadioFailure('radio/not-built', `the Bluetooth module does not load: ${why ?? ''}`);
  }
}

/** A socket of the kernel's own Bluetooth. @throws RadioFailure */
export function nativeSocket(): BluetoothHciSocket {
  const Socket = loadDrivers().loadDriver('native') as new () => BluetoothHciSocket;
  return new Socket();
}
