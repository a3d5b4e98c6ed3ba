/**
 * The way from a fresh connection to the SMP characteristic with its notifications on, through noble, one call at a time
 * and each with a deadline. Where a band keeps the characteristic is remembered, which saves five round trips.
 */
import {
  type GattPort,
  type GattPortHandlers,
  LinkError,
  MIN_ATT_MTU,
  SMP_CHARACTERISTIC_UUID,
  SMP_SERVICE_UUID,
  type Timers,
} from '@timeband/protocol';
import type { Peripheral, Service } from '@stoprocent/noble';
import { within } from './deadline.js';
import type { HciDriver } from './hci/driver.js';
import { ATT_MTU } from './hci/link-guard.js';

/** A round trip takes 15 to 30 ms; lost packets are repeated until the supervision time-out of 3 s. */
const CALL_MS = 2_000;
/** After this it is looked for instead. */
const GUESS_MS = 500;
const DISCONNECT_MS = 5_000;

/** Where a band keeps the SMP characteristic: attribute handles. */
export interface SmpHandles {
  readonly value: number;
  readonly configuration: number;
}

export interface GattSessionOptions {
  readonly name: string;
  readonly driver: HciDriver;
  /** Of the connection. */
  readonly handle: number;
  readonly peripheral: Peripheral;
  readonly timers: Timers;
  /** Where it most likely is: as in an earlier connection to this band, or to another of the site. */
  readonly handles?: SmpHandles | undefined;
}

export class GattSession implements GattPort {
  readonly name: string;
  mtu = MIN_ATT_MTU;
  private handles: SmpHandles | undefined;
  private handlers: GattPortHandlers | undefined;
  private isClosing = false;
  private readonly ended: Promise<void>;

  constructor(private readonly options: GattSessionOptions) {
    this.name = options.name;
    const { peripheral } = options;
    this.ended = new Promise((resolve) => {
      peripheral.once('disconnect', (reason) => {
        const expected = this.isClosing;
        this.isClosing = true;
        this.handlers?.closed(
          expected
            ? undefined
            : new LinkError('link/closed', `${this.name} disconnected (reason ${String(reason)})`),
        );
        resolve();
      });
    });
  }

  /**
   * Agrees on the MTU, finds the characteristic and turns its notifications on.
   * @returns where it is, for the next time
   * @throws LinkError `link/open`; disconnect then
   */
  async open(): Promise<SmpHandles> {
    const { peripheral } = this.options;
    await this.call('the exchange of MTUs', mtuOf(peripheral));
    // noble tells the server's wish; what counts is the smaller of both.
    this.mtu = Math.min(ATT_MTU, peripheral.mtu ?? MIN_ATT_MTU);
    this.handles = await this.tryKnown();
    if (this.isClosing) throw new LinkError('link/open', `${this.name} disconnected while it was opened`);
    this.handles ??= await this.discover();
    return this.handles;
  }

  readonly start = (handlers: GattPortHandlers): void => {
    this.handlers = handlers;
    this.options.peripheral.on('handleNotify', (handle: number, value: Buffer) => {
      if (handle === this.handles?.value && !this.isClosing) handlers.value(Uint8Array.from(value));
    });
  };

  readonly write = (value: Uint8Array): void => {
    if (this.isClosing || this.handles === undefined) return;
    this.options.peripheral.writeHandle(this.handles.value, Buffer.from(value), true, () => undefined);
  };

  readonly close = async (): Promise<void> => {
    this.isClosing = true;
    const { driver, handle, timers } = this.options;
    driver.disconnect(handle);
    await within(timers, DISCONNECT_MS, 'disconnecting', this.ended).catch(() => undefined);
  };

  /** noble says nothing when a write is refused, as it is where another attribute stands. */
  private async tryKnown(): Promise<SmpHandles | undefined> {
    const { handles, peripheral } = this.options;
    if (handles === undefined) return undefined;
    const written = peripheral.writeHandleAsync(handles.configuration, Buffer.of(1, 0), false);
    return this.call('subscribing', written, GUESS_MS).then(
      () => handles,
      () => undefined,
    );
  }

  private async discover(): Promise<SmpHandles> {
    const { peripheral, driver, handle } = this.options;
    const services = await this.call(
      'finding the service',
      peripheral.discoverServicesAsync([SMP_SERVICE_UUID]),
    );
    const service = services.find(({ uuid }) => uuid === SMP_SERVICE_UUID);
    if (service === undefined) throw new LinkError('link/open', `${this.name} has no SMP service`);
    const value = valueHandleOf(service);
    const found = await this.call(
      'finding the characteristic',
      service.discoverCharacteristicsAsync([SMP_CHARACTERISTIC_UUID]),
    );
    const [characteristic] = found;
    if (characteristic === undefined)
      throw new LinkError('link/open', `${this.name} has no SMP characteristic`);
    await this.call('subscribing', characteristic.subscribeAsync());
    const [valueHandle, configuration] = [await value, driver.lastWritten(handle)];
    if (valueHandle === undefined || configuration === undefined)
      throw new LinkError('link/open', `${this.name} did not say where its SMP characteristic is`);
    return { value: valueHandle, configuration };
  }

  private call<Result>(what: string, promise: Promise<Result>, ms = CALL_MS): Promise<Result> {
    const gone = this.ended.then(() => {
      throw new LinkError('link/open', `${this.name} disconnected during ${what}`);
    });
    return within(this.options.timers, ms, what, Promise.race([promise, gone]));
  }
}

/** noble exchanges MTUs by itself after it has adopted a connection. */
function mtuOf(peripheral: Peripheral): Promise<void> {
  return new Promise((resolve) => {
    if (peripheral.mtu !== null) resolve();
    else
      peripheral.once('mtu', () => {
        resolve();
      });
  });
}

/** The attribute handle that noble knows but does not show on its characteristics. */
function valueHandleOf(service: Service): Promise<number | undefined> {
  return new Promise((resolve) => {
    service.once('characteristicsDiscovered', (raw: unknown) => {
      const found: unknown = Array.isArray(raw)
        ? raw.find((one: unknown) => field(one, 'uuid') === SMP_CHARACTERISTIC_UUID)
        : undefined;
      const handle = field(found, 'valueHandle');
      resolve(typeof handle === 'number' ? handle : undefined);
    });
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
