/** The services of simulated residents: a few of the starter catalogue, by number. */
import type { Random } from '../random.js';

/** What people come to the centre for: a check-in and a check-out are proof enough. */
const AT_READERS: ReadonlyMap<number, string> = new Map([
  [601, 'Food preparation'],
  [603, 'Packing meals'],
  [604, 'Dining room'],
  [605, 'Washing up'],
  [702, 'Cleaning up'],
  [703, 'Waste sorting'],
  [704, 'Grid inspection'],
  [706, 'Green care'],
]);
/** What one does for another, at home. */
const AT_HOME: ReadonlyMap<number, string> = new Map([
  [101, 'Pipes and taps'],
  [103, 'Wiring'],
  [201, 'Meal delivery'],
  [202, 'Errands'],
  [206, 'Haircut'],
  [301, 'Blood pressure'],
  [303, 'Accompanied walk'],
  [401, 'Home visit'],
  [402, 'Conversation'],
]);
const NAMES: ReadonlyMap<number, string> = new Map([
  ...AT_READERS,
  ...AT_HOME,
  [501, 'Smartphone lesson'],
  [509, 'Tai chi'],
]);

export const SERVICES: readonly number[] = [...AT_READERS.keys()];
const VISITS: readonly number[] = [...AT_HOME.keys()];

export function anyService(random: Random): number {
  return SERVICES[random.below(SERVICES.length)] ?? 0;
}

export function anyVisit(random: Random): number {
  return VISITS[random.below(VISITS.length)] ?? 0;
}

/** What a service is called, or a dash for one that is not in the list. */
export function serviceName(service: number): string {
  return NAMES.get(service) ?? '-';
}
