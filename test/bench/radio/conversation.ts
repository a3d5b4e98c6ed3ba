/** What a radio benchmark and the process that holds its air say to each other: JSON lines out, commands a line in. */
import type { AirShare } from '@timeband/simulator';

export interface AirSettings {
  /** Where the controller's terminal is found. */
  readonly link: string;
  /** File of the key that certifies bands. */
  readonly issuerKey: string;
  readonly site: string;
  readonly seed: string;
  /** Bands that are there from the beginning, with nothing to tell but that they were switched on: numbers 0 and up. */
  readonly room: number;
  /** Bands that come into range all at once, when told: the numbers after those. */
  readonly crowd: number;
  /** Records that each band of the crowd comes with. */
  readonly records: number;
  /** Share of all packets that are lost. */
  readonly lossRate: number;
  /** Of so many connections one is cut in the middle; none without. */
  readonly cutEvery: number | undefined;
}

/** Sums since the air began. */
export interface AirReport {
  /** Milliseconds on {@link machineNow}, as all times here. */
  readonly at: number;
  /** What the controller's radio was used for, in milliseconds. */
  readonly share: AirShare;
  /** Adverts by what became of them while the controller listened. */
  readonly adverts: Readonly<Record<'heard' | 'collided' | 'radioBusy' | 'lost', number>>;
  readonly connections: number;
  /** Time that connections were up, all of them together. */
  readonly connectedMs: number;
  /** Connections that were cut on purpose. */
  readonly cuts: number;
  /** SMP packets that bands were sent, each a round trip. */
  readonly requests: number;
  /** Up to now: by how much 99 of 100 turns of the air's process came too late. */
  readonly lagMs: number;
}

export type AirMessage =
  | { readonly event: 'ready'; readonly setUpSeconds: number }
  | { readonly event: 'arrived'; readonly at: number }
  | { readonly event: 'logged'; readonly device: string; readonly seq: number; readonly at: number }
  /** A gateway has signed for a band's records up to `upto`. */
  | {
      readonly event: 'durable';
      readonly device: string;
      readonly upto: number;
      readonly at: number;
      /** Since the first advert after what the band was last told to log. */
      readonly afterAdvertMs?: number;
    }
  | ({ readonly event: 'report' } & AirReport);

/** `arrive`, `report`, and with the number of a band `help 3` and `punch 3`. */
export const AIR_COMMANDS = ['arrive', 'report', 'help', 'punch'] as const;
export type AirCommand = (typeof AIR_COMMANDS)[number];

/** Milliseconds since 1970, with fractions: comparable between the processes of one machine. */
export function machineNow(): number {
  return performance.timeOrigin + performance.now();
}
