/** Somebody who wears a band. */
import type { Wristband } from '../band/wristband.js';
import type { Band } from '../radio/band/band.js';
import type { Whereabouts } from './whereabouts.js';

export interface Wearer {
  /** Of the band, from 0. */
  readonly number: number;
  readonly wristband: Wristband;
  readonly inAir: Band;
  readonly whereabouts: Whereabouts;
}
