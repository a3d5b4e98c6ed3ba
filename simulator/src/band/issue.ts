/** The factory of simulated wristbands: key, certificate and identity resolving key of one of a stock, put into the air. */
import type { PrivateKey } from '@timeband/protocol';
import { certify } from '../certify.js';
import type { Band } from '../radio/band/band.js';
import type { AddedBand, RadioSimulation } from '../radio/simulation.js';
import { seededRandom } from '../random.js';
import type { BandStock } from '../taps/bands.js';
import { Wristband, type WristbandOptions } from './wristband.js';

/** What only the factory can give a band. */
export type Issued = Pick<
  WristbandOptions,
  'site' | 'id' | 'key' | 'certificate' | 'issuer' | 'irk' | 'random'
>;

/** What a band of a stock is made with. */
export function issue(stock: BandStock, number: number, issuerKey: PrivateKey): Issued {
  const { seed, site } = stock;
  const [id, key] = [stock.id(number), stock.key(number)];
  const certificate = certify(issuerKey, site, id, key.publicKey, 'band');
  const random = seededRandom(`${seed}/${id}`);
  return { site, id, key, certificate, issuer: issuerKey.publicKey, irk: stock.irk(number), random };
}

/** Switches a band on in an air. */
export function addWristband(
  simulation: RadioSimulation,
  options: WristbandOptions,
  place: Omit<AddedBand, 'firmware' | 'name'> = {},
): { readonly inAir: Band; readonly wristband: Wristband } {
  const made: Wristband[] = [];
  const inAir = simulation.add({
    ...place,
    name: options.id,
    firmware: (radio) => {
      const wristband = new Wristband(options, radio);
      made.push(wristband);
      return wristband;
    },
  });
  const [wristband] = made;
  if (wristband === undefined) throw new Error('a band without a firmware');
  return { inAir, wristband };
}
