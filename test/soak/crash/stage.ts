/** A site under full load: devices, listeners here and in the city, and the gateway that all of them rely on. */
import { rmSync } from 'node:fs';
import { type Random, seededRandom } from '@timeband/simulator';
import { Mosquitto } from '../../support/mosquitto.js';
import { type Account, accountFor } from './accounting.js';
import { Chatter } from './chatter.js';
import { Devices } from './devices.js';
import type { DiskKind } from './disk.js';
import { GatewayProgram, pause, within } from './gateway-program.js';
import { Listener } from './listener.js';
import { Pipe } from './pipe.js';
import { CrashSite } from './site.js';

export interface StageOptions {
  readonly seed: string;
  readonly disk?: DiskKind | undefined;
  readonly readers: number;
  readonly radioBands: number;
  readonly tapsPerMinute: number;
  readonly hasUplink: boolean;
  /** Killed in its very first start, while it makes its database. */
  readonly isKilledAtBirth?: boolean | undefined;
  /** Of the gateway's program. */
  readonly environment?: ((site: CrashSite) => Promise<Readonly<Record<string, string>>>) | undefined;
}

const BANDS = 60;
const DISK_MEGABYTES = 64;
const RADIO_PER_MINUTE = 60;
/** Until an event of a tap is at a listener, with everything busy. */
const FLOWING_WITHIN_MS = 30_000;
const SETTLED_WITHIN_MS = 60_000;
const BIRTH_MS = 900;
const FLOW_EVENTS = 20;

export class Stage {
  private constructor(
    readonly site: CrashSite,
    readonly gateway: GatewayProgram,
    readonly devices: Devices,
    readonly random: Random,
    /** Of the gateway's own broker. */
    readonly display: Listener,
    /** Beside the display, with a session of its own. */
    readonly console: Listener,
    /** Programs that have nothing to do with events, over the same broker. */
    private readonly chatter: Chatter,
    /** Of the city's broker. */
    readonly city: Listener | undefined,
    /** Between the gateway and the city. */
    readonly line: Pipe | undefined,
    private readonly mosquitto: Mosquitto | undefined,
  ) {}

  /** With the gateway running. Nothing of it is left when this rejects. */
  static async open(options: StageOptions): Promise<Stage> {
    const { seed, readers, radioBands, tapsPerMinute, hasUplink, environment } = options;
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const line = hasUplink ? await Pipe.open() : undefined;
      if (line !== undefined) undo.push(() => line.close());
      const site = await CrashSite.make({
        ...{ seed, readers, bands: BANDS, radioBands, uplinkPort: line?.port },
        ...{ disk: options.disk, diskMegabytes: DISK_MEGABYTES },
      });
      undo.push(async () => {
        await site.disk.unmount();
        rmSync(site.dir, { recursive: true, force: true });
      });
      const mosquitto = hasUplink ? await Mosquitto.start({ dir: site.dir }) : undefined;
      if (mosquitto !== undefined) {
        undo.push(() => mosquitto.stop());
        line?.leadTo(mosquitto.port);
      }
      const { certificate } = site.credentials;
      const city =
        mosquitto &&
        (await Listener.connect({ name: 'city', certificate, port: mosquitto.port, isOrdered: false }));
      if (city !== undefined) undo.push(() => city.close());
      const gateway = new GatewayProgram(site, await environment?.(site));
      undo.push(() => (gateway.isRunning ? gateway.kill() : Promise.resolve()));
      const random = seededRandom(`${seed}/crash`);
      if (options.isKilledAtBirth === true) {
        gateway.begin();
        await pause(random.below(BIRTH_MS));
        await gateway.kill();
      }
      await gateway.start();
      const login = (username: string) => ({ username, password: site.password });
      const connect = async (name: string): Promise<Listener> => {
        const listener = await Listener.connect({
          ...{ name, certificate, port: site.ports.mqtt, login: login(name), isOrdered: true },
        });
        undo.push(() => listener.close());
        return listener;
      };
      const display = await connect('display');
      const console = await connect('console');
      const { mqtt: port } = site.ports;
      const chatter = await Chatter.open({
        ...{ port, password: site.password, speaker: 'speaker', hearer: 'hearer' },
      });
      undo.push(() => chatter.close());
      // Last, so that everybody hears of the first event.
      const devices = await Devices.start(site, { tapsPerMinute, radioPerMinute: RADIO_PER_MINUTE });
      undo.push(() => devices.end());
      return new Stage(site, gateway, devices, random, display, console, chatter, city, line, mosquitto);
    } catch (error) {
      for (const step of undo.reverse()) await step().catch(() => undefined);
      throw error;
    }
  }

  get listeners(): readonly Listener[] {
    return this.city === undefined ? this.local : [...this.local, this.city];
  }

  get local(): readonly Listener[] {
    return [this.display, this.console];
  }

  /** Resolves once some more events have come through, all the way. */
  async flows(events = FLOW_EVENTS): Promise<void> {
    await within(FLOWING_WITHIN_MS, this.display.more(events), 'no new events reach the display');
  }

  /** Resolves once so many different events have come to somebody. */
  async arrives(listener: Listener, events: number): Promise<void> {
    const arrived = listener.reaches(events);
    const what = `${listener.name} has ${listener.count} events and does not get all ${events}`;
    await within(SETTLED_WITHIN_MS, arrived, what).catch((error: unknown) => {
      const city = this.mosquitto?.obituary;
      throw city === undefined ? error : new Error(`${what}; ${city}`);
    });
  }

  /** What is on the disk now that the gateway is gone, held against everybody else. */
  async account(isOver = false): Promise<Account> {
    if (this.gateway.isRunning) throw new Error('the gateway still runs');
    await this.devices.heardOut();
    return accountFor(this.site, this.devices, this.listeners, isOver);
  }

  /** Nobody does anything more, everything arrives everywhere, and the gateway ends in order; it runs when this is called. */
  async settle(): Promise<void> {
    await this.devices.quiet();
    await this.chatter.settle();
    await this.devices.drained();
    const { events } = (await this.gateway.status()).stored;
    for (const listener of this.listeners) await this.arrives(listener, events);
    await this.gateway.stop();
  }

  /** Ends everything. @param keep leaves the folder, for people to look into */
  async close(keep: boolean): Promise<void> {
    if (this.gateway.isRunning) await this.gateway.kill();
    await this.devices.end();
    await Promise.all(this.listeners.map((listener) => listener.close()));
    await this.chatter.close();
    await this.line?.close();
    await this.mosquitto?.stop();
    if (keep) return;
    await this.site.disk.unmount();
    rmSync(this.site.dir, { recursive: true, force: true });
  }
}
