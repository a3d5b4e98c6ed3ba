/** The services that simulated residents tap for: a few of the starter catalogue, by number. */
import type { Random } from '../random.js';

const NAMES: ReadonlyMap<number, string> = new Map([
  [101, 'Pipes and taps'],
  [103, 'Wiring'],
  [201, 'Meal delivery'],
  [202, 'Errands'],
  [206, 'Haircut'],
  [301, 'Blood pressure'],
  [303, 'Accompanied walk'],
  [401, 'Home visit'],
  [402, 'Conversation'],
  [501, 'Smartphone lesson'],
]);

export const SERVICES: readonly number[] = [...NAMES.keys()];

export function anyService(random: Random): number {
  return SERVICES[random.below(SERVICES.length)] ?? 0;
}

/** What a service is called, or a dash for one that is not in the list. */
export function serviceName(service: number): string {
  return NAMES.get(service) ?? '-';
}
