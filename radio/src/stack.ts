/** A controller in use: our driver with noble above it, from power-on to the failure that ends both. */
import { toHex, type Timers } from '@timeband/protocol';
import type { Noble, Peripheral } from '@stoprocent/noble';
import type { RadioCounters } from './counters.js';
import { within } from './deadline.js';
import { RadioFailure } from './failure.js';
import type { AdvertReport } from './hci/adverts.js';
import { type HciConnection, HciDriver, type HciMonitor } from './hci/driver.js';
import { nobleOn } from './hci/noble-socket.js';
import { forgetPeripheral, listenersOn, rememberedPeripherals } from './noble-internals.js';
import type { HciPort } from './port/port.js';

/** A connection that noble has adopted. */
export interface Adopted extends HciConnection {
  readonly peripheral: Peripheral;
}

export interface StackOptions {
  readonly port: HciPort;
  readonly timers: Timers;
  readonly counters: RadioCounters;
  readonly monitor?: HciMonitor | undefined;
  readonly advert: (report: AdvertReport) => void;
  readonly connected: (adopted: Adopted | undefined) => void;
  readonly failed: (failure: RadioFailure) => void;
}

/** noble asks two dozen things, one after another. */
const POWER_ON_MS = 5_000;

export class RadioStack {
  readonly driver: HciDriver;
  /** Once the port is open. */
  private noble: Noble | undefined;
  /** Peripherals of connections, by the handle. */
  private readonly adopted = new Map<number, Adopted>();
  private discovered: Peripheral | undefined;

  constructor(private readonly options: StackOptions) {
    const { port, timers, counters, monitor, advert, failed } = options;
    this.driver = new HciDriver({
      ...{ port, timers, counters, monitor, advert, failed },
      connected: (connection) => {
        this.adopt(connection);
      },
      disconnected: (handle) => {
        this.abandon(handle);
      },
    });
  }

  /** Connections that are up. */
  get connections(): number {
    return this.adopted.size;
  }

  /** Devices that noble has not forgotten. */
  get remembered(): number {
    return this.noble === undefined ? 0 : rememberedPeripherals(this.noble);
  }

  /** Listeners on noble. */
  get listeners(): number {
    return this.noble === undefined ? 0 : listenersOn(this.noble);
  }

  /** Opens the port and lets noble set the controller up. @throws RadioFailure */
  async start(): Promise<void> {
    await this.driver.open();
    const ownInterrupts = process.listeners('SIGINT');
    const noble = nobleOn(this.driver.socket);
    this.noble = noble;
    noble.on('discover', (peripheral) => {
      this.discovered = peripheral;
    });
    const isOn = new Promise<void>((resolve, reject) => {
      noble.on('stateChange', (state) => {
        if (state === 'poweredOn') resolve();
        else reject(new RadioFailure('radio/unsupported', `the controller cannot be used: ${state}`));
      });
    });
    const late = new RadioFailure('radio/silent', `the controller was not set up within ${POWER_ON_MS} ms`);
    await within(this.options.timers, POWER_ON_MS, 'setting up', isOn).catch((error: unknown) => {
      throw error instanceof RadioFailure ? error : late;
    });
    // noble would end the process at an interrupt when nobody else listens.
    for (const listener of process.listeners('SIGINT'))
      if (!ownInterrupts.includes(listener)) process.removeListener('SIGINT', listener);
  }

  /** Ends every link, then noble, then the port. */
  async close(): Promise<void> {
    await this.driver.close();
    this.noble?.stop();
    this.noble?.removeAllListeners();
  }

  private adopt(connection: HciConnection | undefined): void {
    const peripheral = this.discovered;
    this.discovered = undefined;
    if (connection === undefined) {
      this.options.connected(undefined);
    } else if (peripheral?.id === toHex(connection.address.bytes)) {
      const adopted = { ...connection, peripheral };
      this.adopted.set(connection.handle, adopted);
      this.options.connected(adopted);
    } else {
      // Two connections to one address, which only a clone can bring about.
      this.options.counters.count('hostile/same-address');
      this.driver.disconnect(connection.handle);
      this.options.connected(undefined);
    }
  }

  private abandon(handle: number): void {
    const adopted = this.adopted.get(handle);
    if (adopted === undefined) return;
    this.adopted.delete(handle);
    adopted.peripheral.removeAllListeners();
    if (this.noble !== undefined) forgetPeripheral(this.noble, adopted.peripheral.id);
  }
}
