/**
 * A controller's link layer: scanner, initiator and connections on one radio. It knows nothing of HCI; what the host
 * may ask for, and how it is told, is the controller's business.
 */
import type { Address } from '../air/address.js';
import type { AdvertReceiver, Air, Transmission } from '../air/air.js';
import type { Path } from '../air/signal.js';
import {
  ADVERTISING_CHANNELS,
  CHANNEL_STEP_MS,
  CONNECT_REQUEST_MS,
  scanExchangeMs,
  TRANSMIT_WINDOW_DELAY_MS,
} from '../air/timing.js';
import type { EventClock } from '../clock.js';
import { chooseAnchor, grant } from './anchors.js';
import { type CentralEnd, Connection, type ConnectionSettings } from './connection.js';
import { Listening, type ListeningSettings } from './listening.js';
import { type AirShare, RadioBudget } from './radio-budget.js';
import { type AdvertReport, Scanner, type ScanSettings } from './scanner.js';

export interface LinkLayerHost extends Pick<
  CentralEnd,
  'received' | 'completed' | 'updated' | 'lengthChanged' | 'ended' | 'hasRoom'
> {
  readonly advert: (report: AdvertReport) => void;
  readonly connected: (connection: Connection) => void;
}

/** Whom to connect to: one address, or anybody on the accept list. */
export interface InitiateSettings {
  readonly target: Address | 'accept-list';
  readonly listening: ListeningSettings;
  readonly connection: ConnectionSettings;
}

interface Initiator extends InitiateSettings {
  readonly listens: Listening;
}

const FIRST_HANDLE = 0x0040;

export class LinkLayer implements AdvertReceiver {
  readonly acceptList = new Map<string, Address>();
  readonly connections = new Map<number, Connection>();
  /** Adverts by what became of them while somebody listened. */
  readonly counters = { heard: 0, collided: 0, radioBusy: 0, lost: 0 };
  private readonly budget: RadioBudget;
  private scanner: Scanner | undefined;
  private initiator: Initiator | undefined;
  private readonly central: CentralEnd;

  constructor(
    private readonly clock: EventClock,
    private readonly air: Air,
    readonly path: Path,
    private readonly host: LinkLayerHost,
  ) {
    this.budget = new RadioBudget(clock.now);
    this.central = {
      ...host,
      ended: (connection, reason) => {
        this.connections.delete(connection.handle);
        host.ended(connection, reason);
      },
      grant: (connection, start, firstMs) =>
        grant(connection, start, firstMs, this.connections.values(), this.budget.busyUntil),
      occupied: (from, to) => {
        this.budget.occupy(from, to);
      },
    };
  }

  get isScanning(): boolean {
    return this.scanner !== undefined;
  }

  get isInitiating(): boolean {
    return this.initiator !== undefined;
  }

  isConnected(peer: Address): boolean {
    return [...this.connections.values()].some((connection) => connection.peer.key === peer.key);
  }

  get share(): AirShare {
    return this.budget.share;
  }

  scan(settings: ScanSettings, filtersDuplicates: boolean): void {
    this.scanner = new Scanner(settings, filtersDuplicates, this.isAccepted, this.clock.now());
    this.listen();
  }

  stopScan(): void {
    this.scanner = undefined;
    this.listen();
  }

  initiate(settings: InitiateSettings): void {
    this.initiator = { ...settings, listens: new Listening(settings.listening, this.clock.now()) };
    this.listen();
  }

  /** Ends initiating. False when it was not. */
  cancel(): boolean {
    const { isInitiating } = this;
    this.initiator = undefined;
    this.listen();
    return isInitiating;
  }

  /** Forgets everything, as a reset does: nobody is told. */
  reset(): void {
    for (const connection of this.connections.values()) connection.forget();
    this.connections.clear();
    this.acceptList.clear();
    this.scanner = undefined;
    this.cancel();
  }

  hearsAt({ start, durationMs }: Transmission): number | undefined {
    for (let channel = 0; channel < ADVERTISING_CHANNELS; channel++) {
      const from = start + channel * CHANNEL_STEP_MS;
      if (this.listener(from, from + durationMs, channel) !== undefined) return from + durationMs;
    }
    return undefined;
  }

  arrived(sent: Transmission): void {
    const end = this.clock.now();
    const listener = this.listener(end - sent.durationMs, end);
    if (listener === undefined) return; // it stopped meanwhile
    const rssi = this.air.strength(sent.station, this.path);
    if (sent.isCollided) this.counters.collided++;
    else if (!this.budget.wasFree(end - sent.durationMs, end)) this.counters.radioBusy++;
    else if (this.air.happens(this.air.lossOf(sent.station, rssi))) this.counters.lost++;
    else {
      this.counters.heard++;
      if (listener instanceof Scanner) this.report(listener, sent, rssi);
      else if (sent.advert.isConnectable && this.wants(listener, sent.advert.address)) {
        this.connect(listener, sent, rssi);
      }
    }
  }

  /** Who has the radio on a channel throughout. In an initiator's window the scanner does not listen. */
  private listener(from: number, to: number, channel?: number): Scanner | Initiator | undefined {
    for (const listener of [this.initiator, this.scanner]) {
      if (listener === undefined) continue;
      const listens = listener instanceof Scanner ? listener.listening : listener.listens;
      const found = listens.channel(from, to);
      if (found !== undefined) return channel === undefined || channel === found ? listener : undefined;
    }
    return undefined;
  }

  private report(scanner: Scanner, { station, advert }: Transmission, rssi: number): void {
    const report = scanner.report(advert, rssi);
    if (report !== undefined) this.host.advert(report);
    const responseMs = scanExchangeMs(advert.scanResponse?.length ?? 0);
    if (report === undefined || !scanner.asks(advert) || !this.takeRadio(responseMs)) return;
    const loss = this.air.lossOf(station, rssi);
    if (this.air.happens(loss) || this.air.happens(loss)) return;
    this.clock.after(responseMs, () => {
      const response = this.scanner === scanner ? scanner.response(advert, rssi) : undefined;
      if (response !== undefined) this.host.advert(response);
    });
  }

  private wants({ target }: Initiator, peer: Address): boolean {
    return (
      !this.isConnected(peer) && (target === 'accept-list' ? this.isAccepted(peer) : target.key === peer.key)
    );
  }

  private connect(initiator: Initiator, { station, advert }: Transmission, rssi: number): void {
    // Worth a connection event of another: it may be long until the next advert.
    if (!this.takeRadio(CONNECT_REQUEST_MS, true)) return;
    this.cancel();
    const now = this.clock.now();
    const earliest = now + CONNECT_REQUEST_MS + TRANSMIT_WINDOW_DELAY_MS;
    const settings = initiator.connection;
    const anchor = chooseAnchor(earliest, settings.intervalMs, this.connections.values());
    const handle = this.freeHandle();
    const { path, central } = this;
    const peer = advert.address;
    const connection = new Connection(this.clock, this.air, {
      ...{ handle, peer, settings, anchor, station, path, central },
    });
    this.connections.set(handle, connection);
    if (!this.air.happens(this.air.lossOf(station, rssi))) connection.attach(station.join(connection.link));
    this.clock.after(CONNECT_REQUEST_MS, () => {
      if (this.connections.get(handle) === connection) this.host.connected(connection);
    });
  }

  /** Takes the radio from now on, unless it is in use, or a connection needs it before that is over. */
  private takeRadio(ms: number, isUrgent = false): boolean {
    const now = this.clock.now();
    const isNeeded = [...this.connections.values()].some(({ anchor }) => anchor < now + ms);
    if (this.budget.busyUntil > now || (isNeeded && !isUrgent)) return false;
    this.budget.occupy(now, now + ms);
    return true;
  }

  private freeHandle(): number {
    let handle = FIRST_HANDLE;
    while (this.connections.has(handle)) handle++;
    return handle;
  }

  private listen(): void {
    this.budget.listen({
      initiating: this.initiator?.listens.duty ?? 0,
      scanning: this.scanner?.listening.duty ?? 0,
    });
  }

  private readonly isAccepted = (peer: Address): boolean => this.acceptList.has(peer.key);
}
