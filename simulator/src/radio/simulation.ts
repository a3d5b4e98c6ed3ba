/** An air full of bands on one clock: what a radio simulation consists of but its controllers, which join it. */
import { seededRandom } from '../random.js';
import { staticAddress } from './air/address.js';
import { Air } from './air/air.js';
import { type Path, standingAt } from './air/signal.js';
import { Band, type BandOptions } from './band/band.js';
import { echoFirmware } from './band/echo-firmware.js';
import type { BandAdvert, FirmwareFactory } from './band/firmware.js';
import { EventClock } from './clock.js';
import { Controller, type HostLine } from './controller.js';
import type { ControllerOptions } from './hci/command.js';

/** Everybody is in a room of this many metres across unless told otherwise. */
const ROOM_METRES = 12;
const DEFAULT_INTERVAL_MS = 1_000;

export interface SimulationOptions {
  readonly seed?: string;
  readonly clock?: EventClock;
  /** Share of all packets that are lost, whatever the distance. */
  readonly lossRate?: number;
}

export type AddedBand = Partial<Omit<BandOptions, 'neighbour'>> & {
  /** Milliseconds between adverts of a band without a firmware of its own. */
  readonly intervalMs?: number;
};

export class RadioSimulation {
  readonly clock: EventClock;
  readonly air: Air;
  /** Those in the air now. */
  readonly bands: Band[] = [];
  private added = 0;
  private readonly seed: string;

  constructor({ seed = '1', clock = new EventClock(), lossRate = 0 }: SimulationOptions = {}) {
    this.seed = seed;
    this.clock = clock;
    this.air = new Air(clock, seededRandom(`${seed}/air`), { lossRate });
  }

  /** A band, switched on. It stands somewhere in the room and only answers echoes unless told otherwise. */
  add({ intervalMs = DEFAULT_INTERVAL_MS, ...options }: AddedBand = {}): Band {
    this.added++;
    const { name = `band-${this.added}` } = options;
    const random = seededRandom(`${this.seed}/${name}`);
    const path = options.path ?? somewhere(random.next);
    const address = staticAddress(random.bytes(6));
    const firmware: FirmwareFactory = options.firmware ?? echoFirmware({ address, name, intervalMs });
    const neighbour = (): BandAdvert | undefined =>
      this.bands.find((other) => other !== band)?.firmware.advert();
    const band: Band = new Band(this.clock, this.air, random, {
      ...options,
      name,
      path,
      firmware,
      neighbour,
    });
    this.bands.push(band);
    band.start();
    return band;
  }

  /** A band leaves for good, in the middle of whatever it was doing. */
  remove(band: Band): void {
    band.stop();
    const at = this.bands.indexOf(band);
    if (at >= 0) this.bands.splice(at, 1);
  }

  /** A controller in this air; give it to a port. */
  controller(options: ControllerOptions = {}, path: Path = standingAt(0, 0)): (line: HostLine) => Controller {
    return (line) => new Controller(this.clock, this.air, line, options, path);
  }
}

/** Where somebody stands in the room. */
export function somewhere(next: () => number): Path {
  return standingAt((next() - 0.5) * ROOM_METRES, (next() - 0.5) * ROOM_METRES);
}
