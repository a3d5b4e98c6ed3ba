/** How a metric is described: as data, from which the registry and its documentation are made. */
import type { Observation } from '../observation.js';

export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

export interface Series {
  readonly name: `timeband_${string}`;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** Of every sample, in the order in which they are documented. */
  readonly labels?: readonly string[];
  /** Nothing where there is nothing to say, such as of a radio that is not there. */
  readonly read: (seen: Observation) => number | readonly Sample[] | undefined;
}

/** A sample for every state, 1 for the one that it is. */
export function oneOf(states: readonly string[], current: string): Sample[] {
  return states.map((state) => [{ state }, Number(state === current)]);
}

/** How many there are of each state. */
export function countOf(states: readonly string[], found: readonly string[]): Sample[] {
  return states.map((state) => [{ state }, found.filter((one) => one === state).length]);
}

/** A sample for each entry. */
export function samples(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([key, value]) => [{ [label]: key }, value]);
}
