/** One run of `bandsim radio`: bands in an air, those who wear them, and a controller on a pseudo-terminal, in real time. */
import { addFactoryBand } from '../factory/index.js';
import type { BootOptions } from '../firmware/boot/index.js';
import type { Band } from '../radio/band/band.js';
import { RADIO_FAULTS, type RadioFaultName } from '../radio/faults/index.js';
import { RadioSimulation } from '../radio/simulation.js';
import { seededRandom } from '../random.js';
import type { BandRange } from '../taps/bands.js';
import { LiveController, type LiveControllerOptions } from './live-controller.js';
import { type Rates, Wearers, type WearersOptions } from './wearers.js';
import { type TellBand, Witness } from './witness.js';

/** A fault, and the number of the band that has it; all bands without. */
export interface RadioFaultChoice {
  readonly name: RadioFaultName;
  readonly band?: number | undefined;
}

/** Wristbands of a site, and what their wearers do. */
export interface WornBands extends Pick<WearersOptions, 'site' | 'issuerKey' | 'comeAndGo' | 'driftPpm'> {
  readonly rates: Rates;
  /** Minutes of visits before the controller is there. */
  readonly history: number;
}

/** What is told of a run. */
export interface RadioReport {
  readonly ready: (path: string, bands: number) => void;
  readonly band: TellBand;
  /** Nobody does anything more by themselves, and what had begun is over. */
  readonly stopped: () => void;
}

export interface RadioSessionOptions extends LiveControllerOptions {
  readonly bands: BandRange;
  readonly seed: string;
  /** Without it the bands only echo. */
  readonly worn?: WornBands | undefined;
  /** Milliseconds between two adverts of a band that only echoes. */
  readonly intervalMs: number;
  /** Share of all packets that are lost. */
  readonly lossRate: number;
  /** Bands that belong to no site yet, by their serials. */
  readonly blank?: readonly string[];
  /** The firmware of wristbands is an image in flash that can be replaced. */
  readonly boot?: BootOptions | undefined;
  readonly faults: readonly RadioFaultChoice[];
  readonly report: RadioReport;
}

export class RadioSession {
  private constructor(
    private readonly simulation: RadioSimulation,
    private readonly bands: ReadonlyMap<number, Band>,
    private readonly wearers: Wearers | undefined,
    private readonly witness: Witness,
    private readonly live: LiveController,
    private readonly report: RadioReport,
  ) {}

  /** Lets the wearers live through their past, and plugs the controller in. @throws Error of the system */
  static async open(options: RadioSessionOptions): Promise<RadioSession> {
    const { bands: range, seed, lossRate, worn, boot, blank = [], report } = options;
    const simulation = new RadioSimulation({ seed, lossRate });
    const witness = new Witness(simulation.clock, report.band);
    const wearers =
      worn && new Wearers(simulation, { ...worn, seed, boot, bands: range, observe: witness.saw });
    if (wearers === undefined) addEchoes(simulation, options);
    if (worn !== undefined && worn.history > 0) await wearers?.liveThrough(worn.history);
    for (const serial of blank)
      addFactoryBand(simulation, {
        ...{ serial, boot, random: seededRandom(`${seed}/${serial}`) },
        observe: (event) => {
          witness.saw(serial, event);
        },
      });
    const bands = new Map(simulation.bands.map((band, place) => [range.from + place, band]));
    const live = new LiveController(simulation, options);
    const session = new RadioSession(simulation, bands, wearers, witness, live, report);
    for (const fault of options.faults) session.misbehave(fault);
    report.ready(live.path ?? '', bands.size);
    witness.speak(live.began);
    if (worn !== undefined)
      session.perform((everybody) => {
        everybody.start(worn.rates);
      });
    return session;
  }

  /** The terminal's path; undefined while unplugged. */
  get path(): string | undefined {
    return this.live.path;
  }

  /** Whether the bands are wristbands of a site. */
  get isWorn(): boolean {
    return this.wearers !== undefined;
  }

  /** Lets those who wear the bands do something now. Undefined where nobody wears them. */
  perform<Result>(action: (wearers: Wearers) => Result): Result | undefined {
    const { wearers } = this;
    return wearers && this.live.perform(() => action(wearers));
  }

  /** Nobody does anything more by themselves; {@link RadioReport.stopped} says when what had begun is over. */
  stop(): void {
    this.perform((wearers) => {
      wearers.stop();
      wearers.whenQuiet(this.report.stopped);
    });
  }

  /** @returns false where there is no such band */
  misbehave({ name, band }: RadioFaultChoice): boolean {
    if (band !== undefined && !this.bands.has(band)) return false;
    for (const [number, each] of this.bands) {
      if (band === undefined || band === number) each.misbehave(RADIO_FAULTS[name]);
    }
    return true;
  }

  heal(): void {
    for (const band of this.bands.values()) band.heal();
  }

  plug(): void {
    this.live.plug();
  }

  unplug(): void {
    this.live.unplug();
  }

  /** Reboots the controller. */
  reboot(): void {
    this.live.reboot();
  }

  /** The controller neither hears nor speaks for so long. */
  fallSilent(ms: number): void {
    this.live.fallSilent(ms);
  }

  status(): object {
    const { bands, air, clock } = this.simulation;
    return {
      seconds: Math.round(clock.now()) / 1_000,
      bands: bands.length,
      ...this.witness.counts,
      connected: bands.filter(({ isConnected }) => isConnected).length,
      requests: bands.reduce((sum, { counters }) => sum + counters.requests, 0),
      air: air.counters,
      ...this.live.status(),
    };
  }

  end(): void {
    this.live.end();
  }
}

function addEchoes(
  simulation: RadioSimulation,
  { bands: { from, to }, intervalMs }: RadioSessionOptions,
): void {
  for (let number = from; number <= to; number++) simulation.add({ intervalMs });
}
