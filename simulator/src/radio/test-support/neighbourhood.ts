/** Bands that can look for each other, in virtual time: a provider's in the middle, and others around it. */
import {
  bandAdvertisingData,
  type CborMap,
  type Link,
  OS_COMMAND,
  OS_GROUP,
  SmpClient,
} from '@timeband/protocol';
import { type Address, staticAddress } from '../air/address.js';
import { standingAt } from '../air/signal.js';
import type { Band } from '../band/band.js';
import type { BandBehaviour } from '../band/behaviour.js';
import { echoFirmware } from '../band/echo-firmware.js';
import type { BandCentral, BandRadio } from '../band/firmware.js';
import { type AddedBand, RadioSimulation, type SimulationOptions } from '../simulation.js';

const INTERVAL_MS = 50;

/** Under which no band advertises. */
export const NOBODY = staticAddress(new Uint8Array(6));

export interface Neighbour {
  readonly band: Band;
  readonly address: Address;
  readonly central: BandCentral;
}

/** A link in use. */
export interface Talk {
  readonly client: SmpClient;
  /** The reasons with which it closed so far. */
  readonly closed: readonly (Error | undefined)[];
  /** What the peer answers to an echo. */
  readonly echo: (text: string) => Promise<unknown>;
}

export class Neighbourhood {
  readonly simulation: RadioSimulation;
  readonly provider: Neighbour;

  constructor(options?: SimulationOptions) {
    this.simulation = new RadioSimulation(options);
    this.provider = this.add(0);
  }

  /** A band so many metres from the provider's: it advertises as the protocol says, and answers echoes. */
  add(metres: number, options: Pick<AddedBand, 'mtu' | 'dataOctets'> = {}): Neighbour {
    const number = this.simulation.bands.length;
    const name = `neighbour-${number}`;
    const address = staticAddress(Uint8Array.of(number, 1, 2, 3, 4, 5));
    const data = bandAdvertisingData(new Uint8Array(10));
    const advert = { address, data, isConnectable: true, intervalMs: INTERVAL_MS };
    const radios: BandRadio[] = [];
    const band = this.simulation.add({
      ...options,
      name,
      path: standingAt(metres, 0),
      firmware: (radio) => {
        radios.push(radio);
        return { ...echoFirmware({ address, name, intervalMs: INTERVAL_MS })(radio), advert: () => advert };
      },
    });
    const [radio] = radios;
    if (radio === undefined) throw new Error('the firmware was not made');
    return { band, address, central: radio.central };
  }

  /** What a promise comes to while the clock goes on for so long; fails when that is not enough. */
  async within<Result>(ms: number, promise: Promise<Result>): Promise<Result> {
    promise.catch(() => undefined); // it may fail long before the time is over
    await this.simulation.clock.run(ms);
    return Promise.race([promise, Promise.reject(new Error(`nothing within ${ms} ms`))]);
  }

  /** The provider's band connects to another. */
  connect({ address }: Pick<Neighbour, 'address'>, ms = 1_000): Promise<Link> {
    return this.within(ms, this.provider.central.connect(address, ms));
  }

  talk(link: Link): Talk {
    const closed: (Error | undefined)[] = [];
    const timers = this.simulation.clock;
    const client = new SmpClient(link, { timers, onClosed: (reason) => closed.push(reason) });
    const echo = async (text: string): Promise<unknown> =>
      (await this.within(1_000, sendEcho(client, text))).get('r');
    return { client, closed, echo };
  }
}

export function sendEcho(client: SmpClient, text: string): Promise<CborMap> {
  const body: CborMap = new Map([['d', text]]);
  const { echo } = OS_COMMAND;
  return client.request({ op: 'write', group: OS_GROUP, id: echo, body, name: 'echo', idempotent: true });
}

export function misbehave({ band }: Neighbour, behaviour: BandBehaviour): void {
  band.misbehave({ description: '', create: () => behaviour });
}
