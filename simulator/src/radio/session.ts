/** One run of `bandsim radio`: bands in an air, and a controller on a pseudo-terminal, in real time. */
import { RealTime } from './clock.js';
import { SnoopFile } from './btsnoop.js';
import { RADIO_FAULTS, type RadioFaultName } from './faults/index.js';
import type { ControllerOptions } from './hci/command.js';
import { TerminalPort } from './port/terminal-port.js';
import { RadioSimulation } from './simulation.js';

/** A fault, and the number of the band that has it, counted from 1; all bands without. */
export interface RadioFaultChoice {
  readonly name: RadioFaultName;
  readonly band?: number | undefined;
}

export interface RadioSessionOptions {
  readonly bands: number;
  readonly seed: string;
  /** Milliseconds between two adverts of a band. */
  readonly intervalMs: number;
  /** Share of all packets that are lost. */
  readonly lossRate: number;
  readonly baud: number;
  readonly link?: string | undefined;
  /** A file that takes everything that passes between host and controller. */
  readonly snoop?: string | undefined;
  readonly controller: ControllerOptions;
  readonly faults: readonly RadioFaultChoice[];
}

export class RadioSession {
  private readonly simulation: RadioSimulation;
  private readonly realTime: RealTime;
  private readonly port: TerminalPort;
  private readonly snoop: SnoopFile | undefined;

  /** @throws Error of the system: no terminal, link or file can be made */
  constructor(options: RadioSessionOptions) {
    const { seed, lossRate, intervalMs, baud, link } = options;
    this.simulation = new RadioSimulation({ seed, lossRate });
    const { clock } = this.simulation;
    for (let i = 0; i < options.bands; i++) this.simulation.add({ intervalMs });
    for (const fault of options.faults) this.misbehave(fault);
    this.snoop = options.snoop === undefined ? undefined : new SnoopFile(options.snoop);
    this.realTime = new RealTime(clock);
    const create = this.simulation.controller(options.controller);
    try {
      this.port = new TerminalPort(clock, this.realTime, create, { baud, link });
    } catch (error) {
      this.realTime.stop(); // or the bands would keep the process alive
      this.snoop?.close();
      throw error;
    }
    const began = Date.now() - clock.now();
    this.port.controller.monitor = (packet, isToHost) => {
      this.snoop?.write(packet, isToHost, began + clock.now());
    };
  }

  /** The terminal's path; undefined while unplugged. */
  get path(): string | undefined {
    return this.port.path;
  }

  get bands(): number {
    return this.simulation.bands.length;
  }

  misbehave({ name, band }: RadioFaultChoice): void {
    const chosen = band === undefined ? this.simulation.bands : this.simulation.bands.slice(band - 1, band);
    for (const each of chosen) each.misbehave(RADIO_FAULTS[name]);
  }

  heal(): void {
    for (const band of this.simulation.bands) band.heal();
  }

  plug(): void {
    this.port.plug();
  }

  unplug(): void {
    this.realTime.perform(() => {
      this.port.unplug();
    });
  }

  /** Reboots the controller. */
  reboot(): void {
    this.realTime.perform(() => {
      this.port.controller.reboot();
    });
  }

  /** The controller neither hears nor speaks for so long. */
  fallSilent(ms: number): void {
    this.realTime.perform(() => {
      this.port.controller.fallSilent(ms);
    });
  }

  status(): object {
    const { controller, dropped } = this.port;
    const { bands, air, clock } = this.simulation;
    return {
      seconds: Math.round(clock.now()) / 1_000,
      bands: bands.length,
      connected: bands.filter(({ isConnected }) => isConnected).length,
      requests: bands.reduce((sum, { counters }) => sum + counters.requests, 0),
      air: air.counters,
      heard: controller.linkLayer.counters,
      share: controller.linkLayer.share,
      controller: controller.counters,
      droppedBytes: dropped,
    };
  }

  end(): void {
    this.unplug();
    this.realTime.stop();
    this.snoop?.close();
  }
}
