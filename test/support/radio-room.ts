/** A gateway's radio in a room full of simulated bands, in virtual time: the real noble over a controller in memory. */
import { Radio, type RadioState, type Sighting, type Visit } from '@timeband/gateway';
import {
  type BandKey,
  H4Parser,
  type HciPort,
  type HciPortHandlers,
  RadioCounters,
  RadioFailure,
} from '@timeband/radio';
import {
  advertKey,
  type AdvertState,
  bandAdvertisingData,
  IRK_BYTES,
  privateAddress,
  sealAdvert,
} from '@timeband/protocol';
import {
  address,
  type BandAdvert,
  type Controller,
  type ControllerOptions,
  echoFirmware,
  type FirmwareFactory,
  MemoryPort,
  RadioSimulation,
  seededRandom,
  type SimulationOptions,
} from '@timeband/simulator';

const IDLE: AdvertState = {
  ...{ help: false, pressed: false, full: false, clockUnset: false },
  ...{ battery: 90, waiting: 0 },
};

/** A band whose adverts only its site can read, with whatever firmware behind them. */
export class RoomBand {
  readonly irk: Uint8Array;
  state: AdvertState = IDLE;
  private counter = 0;
  private address: Uint8Array;
  private wake: () => void = () => undefined;

  constructor(
    readonly device: string,
    /** Between two adverts. */
    public intervalMs = 200,
    private readonly random = seededRandom(device),
  ) {
    this.irk = random.bytes(IRK_BYTES);
    this.address = privateAddress(this.irk, random.bytes(3));
  }

  /** What it says from now on. */
  says(state: Partial<AdvertState>): void {
    this.state = { ...this.state, ...state };
    this.counter++;
    this.wake();
  }

  /** Takes a new address, as every 15 minutes. */
  rotate(): void {
    this.address = privateAddress(this.irk, this.random.bytes(3));
    this.counter = 0;
    this.wake();
  }

  advert(): BandAdvert {
    const sealed = sealAdvert(advertKey(this.irk), this.address, this.counter, this.state);
    return {
      address: address(Uint8Array.from(this.address).reverse(), true),
      data: bandAdvertisingData(sealed),
      isConnectable: true,
      intervalMs: this.intervalMs,
    };
  }

  /** Its firmware: one that echoes unless another is given. */
  firmware(inner?: FirmwareFactory): FirmwareFactory {
    return (radio) => {
      this.wake = radio.wake;
      const own =
        inner ?? echoFirmware({ address: this.advert().address, name: this.device, intervalMs: 100 });
      return { ...own(radio), advert: () => this.advert() };
    };
  }
}

/** The host's end of a simulated controller's line. */
export class RoomPort implements HciPort {
  readonly name = 'memory';
  private handlers: HciPortHandlers | undefined;

  constructor(
    private readonly port: MemoryPort,
    private readonly isPlugged: () => boolean,
  ) {}

  readonly open = (handlers: HciPortHandlers): Promise<void> => {
    if (!this.isPlugged())
      return Promise.reject(new RadioFailure('radio/not-found', 'there is no controller'));
    this.handlers = handlers;
    const parser = new H4Parser({
      packet: handlers.packet,
      lostStep: () => {
        handlers.failed(new RadioFailure('radio/lost-step', 'bytes were no packet'));
      },
    });
    this.port.onData = (bytes) => {
      parser.push(bytes);
    };
    return Promise.resolve();
  };

  readonly write = (packet: Uint8Array): void => {
    if (this.isPlugged()) this.port.write(packet);
  };

  readonly close = (): Promise<void> => {
    this.handlers = undefined;
    this.port.onData = undefined;
    return Promise.resolve();
  };

  unplugged(): void {
    this.handlers?.failed(new RadioFailure('radio/unplugged', 'the line hung up'));
  }
}

export interface RoomOptions {
  readonly simulation?: SimulationOptions;
  /** The air of another room, which this one's controller is in too. */
  readonly air?: RadioSimulation;
  readonly controller?: ControllerOptions;
  readonly maxConnections?: number;
  readonly visited: (visit: Visit, room: RadioRoom) => void;
}

const STEP_MS = 10;

export class RadioRoom {
  readonly simulation: RadioSimulation;
  readonly controller: Controller;
  readonly counters = new RadioCounters();
  readonly states: RadioState[] = [];
  readonly sightings: Sighting[] = [];
  private readonly bands: BandKey[] = [];
  private readonly port: MemoryPort;
  private current: RoomPort | undefined;
  private isPlugged = true;
  private running: Radio | undefined;

  constructor(private readonly options: RoomOptions) {
    this.simulation = options.air ?? new RadioSimulation(options.simulation);
    this.port = new MemoryPort(this.simulation.clock, this.simulation.controller(options.controller));
    this.controller = this.port.controller;
  }

  get clock() {
    return this.simulation.clock;
  }

  get radio(): Radio {
    if (this.running === undefined) throw new Error('the radio was not started');
    return this.running;
  }

  /** Puts a band of this site in the room; before the radio is started, which has to know its key. */
  add(
    device: string,
    { firmware, intervalMs }: { readonly firmware?: FirmwareFactory; readonly intervalMs?: number } = {},
  ): { readonly band: RoomBand; readonly inAir: RadioSimulation['bands'][number] } {
    const band = new RoomBand(device, intervalMs);
    this.bands.push(band);
    return { band, inAir: this.simulation.add({ name: device, firmware: band.firmware(firmware) }) };
  }

  /** Brings the key of a band that was put into the simulation to the radio, before it is started. */
  know(band: BandKey): void {
    this.bands.push(band);
  }

  start(): Radio {
    const { visited, maxConnections = 8 } = this.options;
    this.running = new Radio({
      port: () => {
        this.current = new RoomPort(this.port, () => this.isPlugged);
        return this.current;
      },
      bands: this.bands,
      maxConnections,
      timers: this.clock,
      counters: this.counters,
      changed: (state) => this.states.push(state),
      sighted: (sighting) => this.sightings.push(sighting),
      visited: (visit) => {
        visited(visit, this);
      },
    });
    this.running.start();
    return this.running;
  }

  unplug(): void {
    this.isPlugged = false;
    this.controller.reboot();
    this.current?.unplugged();
  }

  plug(): void {
    this.isPlugged = true;
  }

  /** Moves time on; what waits on promises beside the clock sees every step of it. */
  async pass(seconds: number): Promise<void> {
    const end = this.clock.now() + seconds * 1_000;
    while (this.clock.now() < end) await this.clock.run(STEP_MS);
  }

  /** Moves time on until something is so. */
  async until(isSo: () => boolean, withinSeconds: number): Promise<void> {
    const end = this.clock.now() + withinSeconds * 1_000;
    while (!isSo()) {
      if (this.clock.now() >= end) throw new Error(`it is not so after ${withinSeconds} s`);
      await this.clock.run(STEP_MS);
    }
  }

  async close(): Promise<void> {
    const closing = this.running?.close();
    await this.pass(0.1);
    await closing;
  }
}
