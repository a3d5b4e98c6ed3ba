/**
 * What noble keeps for ever of every device that it has seen, 2 to 4 KB each, and offers no way to forget. Its private
 * maps are emptied of a device once its link has ended; before, the next event about it would crash noble.
 */
import { EventEmitter } from 'node:events';
import type { Noble } from '@stoprocent/noble';

/** Maps of its bindings, by the id of a peripheral. */
const BINDING_MAPS = ['_addresses', '_addresseTypes', '_connectable', 'scannable'] as const;

/** Parts of its bindings that others listen to. */
const PARTS = ['_hci', '_gap'] as const;

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

/** Listeners on noble and on the parts of its bindings: each link adds some, and its end has to take them away again. */
export function listenersOn(noble: Noble): number {
  const bindings: unknown = Reflect.get(noble, '_bindings');
  if (!isObject(bindings)) return countListeners(noble);
  const parts = PARTS.map((part): unknown => Reflect.get(bindings, part));
  return (
    countListeners(noble) +
    countListeners(bindings) +
    parts.reduce<number>((n, part) => n + countListeners(part), 0)
  );
}

function countListeners(part: unknown): number {
  if (!(part instanceof EventEmitter)) return 0;
  return part.eventNames().reduce((sum, name) => sum + part.listenerCount(name), 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
