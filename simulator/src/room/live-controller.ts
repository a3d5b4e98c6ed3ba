/** The controller of a simulated air in real time: its terminal, its snoop file, and all that time may bring. */
import { SnoopFile } from '../radio/btsnoop.js';
import { RealTime } from '../radio/clock.js';
import type { ControllerOptions } from '../radio/hci/command.js';
import { TerminalPort } from '../radio/port/terminal-port.js';
import type { RadioSimulation } from '../radio/simulation.js';

export interface LiveControllerOptions {
  readonly baud: number;
  readonly link?: string | undefined;
  /** A file that takes everything that passes between host and controller. */
  readonly snoop?: string | undefined;
  readonly controller: ControllerOptions;
}

export class LiveController {
  /** Unix milliseconds at 0 of the radio's clock. */
  readonly began: number;
  private readonly realTime: RealTime;
  private readonly port: TerminalPort;
  private readonly snoop: SnoopFile | undefined;

  /** Plugs it in; from here on the air's time is ours. @throws Error of the system: no terminal, link or file can be made */
  constructor(simulation: RadioSimulation, { baud, link, snoop, controller }: LiveControllerOptions) {
    const { clock } = simulation;
    this.snoop = snoop === undefined ? undefined : new SnoopFile(snoop);
    this.realTime = new RealTime(clock);
    this.began = Date.now() - clock.now();
    try {
      this.port = new TerminalPort(clock, this.realTime, simulation.controller(controller), { baud, link });
    } catch (error) {
      this.realTime.stop(); // or the bands would keep the process alive
      this.snoop?.close();
      throw error;
    }
    this.port.controller.monitor = (packet, isToHost) => {
      this.snoop?.write(packet, isToHost, this.began + clock.now());
    };
  }

  /** The terminal's path; undefined while unplugged. */
  get path(): string | undefined {
    return this.port.path;
  }

  /** Does something in the air at the present moment. */
  perform<Result>(action: () => Result): Result {
    return this.realTime.perform(action);
  }

  plug(): void {
    this.port.plug();
  }

  unplug(): void {
    this.perform(() => {
      this.port.unplug();
    });
  }

  /** The host is told nothing. */
  reboot(): void {
    this.perform(() => {
      this.port.controller.reboot();
    });
  }

  /** It neither hears nor speaks for so long. */
  fallSilent(ms: number): void {
    this.perform(() => {
      this.port.controller.fallSilent(ms);
    });
  }

  status(): object {
    const { controller, dropped } = this.port;
    const { linkLayer, counters } = controller;
    return {
      heard: linkLayer.counters,
      share: linkLayer.share,
      controller: counters,
      droppedBytes: dropped,
    };
  }

  end(): void {
    this.unplug();
    this.realTime.stop();
    this.snoop?.close();
  }
}
