/** The radio soak: a town lives on the air, and from time to time what the gateway holds on to is measured. */
import { held } from './leaks.js';
import { Town, type TownCounts, type TownOptions } from './town.js';

export interface RadioSoakOptions extends TownOptions {
  /** Ends when this says so, asked after every round. */
  readonly isOver: (soak: { readonly virtualSeconds: number; readonly realSeconds: number }) => boolean;
  /** Virtual seconds between two measurements. */
  readonly roundSeconds: number;
  readonly say: (line: string) => void;
}

/** One measurement, at the end of a round. */
export interface Round {
  readonly heap: number;
  /** Without the flash of the bands, which is the simulation's. */
  readonly buffers: number;
  readonly handles: number;
  /** Listeners on noble, and devices that it remembers. */
  readonly listeners: number;
  readonly remembered: number;
  /** Timers of the gateway and of everything in the air, for each band that is present. */
  readonly timers: number;
  readonly present: number;
  /** Links that noble and the radio have open. */
  readonly connections: number;
}

export interface RadioSoak {
  readonly virtualSeconds: number;
  readonly realSeconds: number;
  readonly counts: TownCounts;
  readonly rounds: readonly Round[];
  /** After everybody has left. */
  readonly timersLeft: number;
  readonly handlesLeft: number;
}

/** Everybody has been served: no longer than this, seconds. */
const SETTLE_SECONDS = 300;
const MEGABYTE = 1_000_000;

export async function radioSoak(options: RadioSoakOptions): Promise<RadioSoak> {
  const before = await held();
  const began = performance.now();
  const realSeconds = (): number => (performance.now() - began) / 1_000;
  const town = new Town(options);
  const rounds: Round[] = [];
  let virtualSeconds = 0;
  try {
    town.start();
    do {
      await town.live(options.roundSeconds);
      virtualSeconds += options.roundSeconds;
      const round = await measure(town);
      rounds.push(round);
      const { arrivals, published, lost, duplicates } = town.count;
      options.say(
        `${virtualSeconds} s on the air in ${Math.round(realSeconds())} s: ${town.present} present, ${arrivals} came, ` +
          `${published} events, ${lost} lost, ${duplicates} twice; heap ${(round.heap / MEGABYTE).toFixed(1)} MB, ` +
          `${round.timers} timers, ${round.listeners} listeners, ${round.handles} handles`,
      );
    } while (!options.isOver({ virtualSeconds, realSeconds: realSeconds() }));
    await town.settle(SETTLE_SECONDS);
  } finally {
    await town.close();
  }
  const after = await held();
  return {
    ...{ virtualSeconds, realSeconds: realSeconds(), counts: town.count, rounds },
    timersLeft: town.timers,
    handlesLeft: after.handles - before.handles,
  };
}

async function measure(town: Town): Promise<Round> {
  const { heap, buffers, handles } = await held();
  const { radio } = town.centre.room;
  const { listeners, remembered, connections } = radio;
  return {
    ...{ heap, buffers: buffers - town.flashBytes, handles, listeners, remembered, connections },
    ...{ timers: town.timers, present: town.present },
  };
}
