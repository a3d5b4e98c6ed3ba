/** The package below noble, which gives it sockets by name. It is CommonJS, and its one function is to be exchanged. */
import { createRequire } from 'node:module';
import type { BluetoothHciSocket } from '@stoprocent/bluetooth-hci-socket';

/** The socket classes by name; noble's are replaced here before noble is loaded. */
export interface Drivers {
  loadDriver: (type: string) => unknown;
}

const require = createRequire(import.meta.url);

export function loadDrivers(): Drivers {
  return require('@stoprocent/bluetooth-hci-socket') as Drivers;
}

/** A socket of the kernel's own Bluetooth. */
export function nativeSocket(): BluetoothHciSocket {
  const Socket = loadDrivers().loadDriver('native') as new () => BluetoothHciSocket;
  return new Socket();
}
