/** What the kernel says of its Bluetooth adapters to who does not open them: what `check` can know beforehand. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nativeSocket } from './drivers.js';

/** Where the kernel lists its adapters, a folder each. */
export const ADAPTERS = '/sys/class/bluetooth';

/** Whether there is an adapter of this name, `hci0` for one. */
export function isListed(name: string, adapters = ADAPTERS): boolean {
  return existsSync(join(adapters, name));
}

/** What keeps an adapter off: a command (`soft`) or a switch of the machine (`hard`). */
export function blockOf(name: string, adapters = ADAPTERS): 'soft' | 'hard' | undefined {
  const folder = join(adapters, name);
  const switches = readdirSync(folder).filter((entry) => entry.startsWith('rfkill'));
  return (['hard', 'soft'] as const).find((kind) =>
    switches.some((entry) => readFileSync(join(folder, entry, kind), 'utf8').trim() === '1'),
  );
}

/** Names of the adapters that are up, which is to say that something uses them. @throws RadioFailure */
export async function adaptersUp(): Promise<string[]> {
  const socket = nativeSocket();
  socket.on('error', () => undefined); // this kernel has no Bluetooth, and so nothing is up
  const devices = await socket.getDeviceList();
  return devices.flatMap(({ devId, devUp }) => (devUp === true ? [`hci${devId ?? 0}`] : []));
}

/** CAP_NET_ADMIN in `<linux/capability.h>`. */
const NET_ADMIN = 1n << 12n;

/** Whether this process may take an adapter over. */
export function mayTakeAdapters(): boolean {
  const [, effective = '0'] =
    /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${effective}`) & NET_ADMIN) !== 0n;
}
