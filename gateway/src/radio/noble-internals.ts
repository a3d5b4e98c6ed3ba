/**
 * What noble keeps for ever of every device that it has seen, 2 to 4 KB each, and offers no way to forget. Its private
 * maps are emptied of a device once its link has ended; before, the next event about it would crash noble.
 */
import type { Noble } from '@stoprocent/noble';

/** Maps of its bindings, by the id of a peripheral. */
const BINDING_MAPS = ['_addresses', '_addresseTypes', '_connectable', 'scannable'] as const;

export function forgetPeripheral(noble: Noble, id: string): void {
  const forget: unknown = Reflect.get(noble, '_cleanupPeriperals');
  if (typeof forget === 'function') Reflect.apply(forget, noble, [id]);
  const bindings: unknown = Reflect.get(noble, '_bindings');
  if (!isObject(bindings)) return;
  for (const name of BINDING_MAPS) {
    const map: unknown = Reflect.get(bindings, name);
    if (isObject(map)) Reflect.deleteProperty(map, id);
  }
}

/** Devices that noble remembers in any of its maps. */
export function rememberedPeripherals(noble: Noble): number {
  const bindings: unknown = Reflect.get(noble, '_bindings');
  const peripherals: unknown = Reflect.get(noble, '_peripherals');
  const sizes = BINDING_MAPS.map((name) => {
    const map: unknown = isObject(bindings) ? Reflect.get(bindings, name) : undefined;
    return isObject(map) ? Object.keys(map).length : 0;
  });
  return Math.max(peripherals instanceof Map ? peripherals.size : 0, ...sizes);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
