/**
 * A band's radio in the central's part (SPEC.md, Visit): it looks for other bands and connects to one. Below is the link
 * layer of the controllers, so that the air's rules hold for it too; it is in the air only while it listens.
 */
import { GattLink, type Link, LinkError } from '@timeband/protocol';
import { type Address, addressText } from '../air/address.js';
import type { Air, Station } from '../air/air.js';
import type { EventClock } from '../clock.js';
import { type Connection, type ConnectionSettings, ENDED, type EndReason } from '../link-layer/connection.js';
import { LinkLayer } from '../link-layer/link-layer.js';
import type { ListeningSettings } from '../link-layer/listening.js';
import type { BandCentral, HeardAdvert } from './firmware.js';
import { GattClient } from './gatt-client.js';
import { HeardBands } from './heard-bands.js';
import { type Settle, Waiting } from './waiting.js';

/** The band whose radio it is. */
export interface CentralOwner extends Pick<Station, 'path' | 'dataOctets'> {
  readonly name: string;
  readonly mtu: number;
  /** Whether its radio is neither off nor in another's connection. */
  readonly isAvailable: boolean;
}

type State =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'scanning';
      readonly heard: HeardBands;
      readonly waiting: Waiting<readonly HeardAdvert[]>;
    }
  /** Until the peer's next advert. */
  | { readonly kind: 'connecting'; readonly peer: Address; readonly waiting: Waiting<Link> }
  | {
      readonly kind: 'opening';
      readonly peer: Address;
      readonly waiting: Waiting<Link>;
      readonly client: GattClient;
    }
  | { readonly kind: 'connected'; readonly client: GattClient }
  /** It came too late: nobody waits for this connection any more. */
  | { readonly kind: 'hanging-up' };

/** It listens all the time, and to the next channel after every interval. */
const LISTENING: ListeningSettings = { intervalMs: 30, windowMs: 30 };
/** What a gateway asks for as well (SPEC.md, Bluetooth LE). */
const CONNECTION: ConnectionSettings = { intervalMs: 15, latency: 0, timeoutMs: 3_000 };

const WHY: Readonly<Record<EndReason, string>> = {
  [ENDED.timeout]: `was not heard for ${CONNECTION.timeoutMs} ms`,
  [ENDED.byPeer]: 'disconnected',
  [ENDED.byHost]: 'was disconnected',
  [ENDED.neverEstablished]: 'did not take the connection',
};

export class Central implements BandCentral {
  private state: State = { kind: 'idle' };
  private readonly linkLayer: LinkLayer;

  /** @param released called when it no longer uses the radio, but not when the band was switched off */
  constructor(
    private readonly clock: EventClock,
    private readonly air: Air,
    private readonly owner: CentralOwner,
    private readonly released: () => void,
  ) {
    const ignored = (): void => undefined;
    this.linkLayer = new LinkLayer(clock, air, owner.path, {
      advert: (report) => {
        if (this.state.kind === 'scanning') this.state.heard.add(report);
      },
      connected: (connection) => {
        this.connected(connection);
      },
      received: (_, fragment) => {
        if ('client' in this.state) this.state.client.received(fragment);
      },
      ended: (_, reason) => {
        this.ended(reason);
      },
      hasRoom: () => true,
      completed: ignored,
      updated: ignored,
      lengthChanged: ignored,
    });
  }

  get isBusy(): boolean {
    return this.state.kind !== 'idle';
  }

  readonly scan = (ms: number): Promise<readonly HeardAdvert[]> =>
    this.begin((settle: Settle<readonly HeardAdvert[]>) => {
      const heard = new HeardBands();
      const waiting = new Waiting(this.clock, settle, ms, () => {
        this.release();
        waiting.resolve(heard.strongestFirst);
      });
      this.state = { kind: 'scanning', heard, waiting };
      this.air.join(this.linkLayer);
      this.linkLayer.scan({ ...LISTENING, isActive: false, acceptListOnly: false }, false);
    });

  readonly connect = (peer: Address, withinMs: number): Promise<Link> =>
    this.begin((settle: Settle<Link>) => {
      const waiting = new Waiting(this.clock, settle, withinMs, () => {
        this.giveUp();
        waiting.reject(
          new LinkError(
            'link/open',
            `no connection to ${nameOf(peer)} within ${withinMs} ms: is it still near?`,
          ),
        );
      });
      this.initiate(peer, waiting);
    });

  /** The power is cut: nobody on the air is told, and whoever waits here learns of it at once. */
  reset(): void {
    const { state } = this;
    this.state = { kind: 'idle' };
    this.linkLayer.reset();
    this.air.leave(this.linkLayer);
    const reason = new LinkError('link/closed', `${this.owner.name} was switched off`);
    if ('waiting' in state) state.waiting.reject(reason);
    if ('client' in state) state.client.ended(reason);
  }

  private begin<Result>(use: (settle: Settle<Result>) => void): Promise<Result> {
    const { name, isAvailable } = this.owner;
    const inUse = isAvailable ? this.state.kind : 'off, or in the connection of another central';
    if (inUse !== 'idle') {
      return Promise.reject(new LinkError('link/open', `the radio of ${name} is ${inUse}: try again later`));
    }
    return new Promise((resolve, reject) => {
      use({ resolve, reject });
    });
  }

  private initiate(peer: Address, waiting: Waiting<Link>): void {
    this.state = { kind: 'connecting', peer, waiting };
    this.air.join(this.linkLayer);
    this.linkLayer.initiate({ target: peer, listening: LISTENING, connection: CONNECTION });
  }

  private connected(connection: Connection): void {
    if (this.state.kind !== 'connecting') return;
    const { peer, waiting } = this.state;
    const { mtu, dataOctets } = this.owner;
    this.air.leave(this.linkLayer);
    connection.changeLength(dataOctets);
    const client = new GattClient({
      name: nameOf(peer),
      mtu,
      clock: this.clock,
      connection,
      opened: () => {
        this.state = { kind: 'connected', client };
        waiting.resolve(new GattLink(client, this.clock));
      },
    });
    this.state = { kind: 'opening', peer, waiting, client };
  }

  private ended(reason: EndReason): void {
    const { state } = this;
    if (state.kind === 'opening' && reason === ENDED.neverEstablished) {
      this.initiate(state.peer, state.waiting); // the request was lost: there is another advert
      return;
    }
    this.release();
    if (!('client' in state)) return;
    const { client } = state;
    const code = state.kind === 'opening' ? 'link/open' : 'link/closed';
    const cause = new LinkError(code, `${client.name} ${WHY[reason]}`);
    const told = client.ended(cause) ?? cause;
    if (state.kind === 'opening') state.waiting.reject(told);
  }

  /** Ends an attempt to connect. */
  private giveUp(): void {
    this.linkLayer.cancel();
    const [connection] = this.linkLayer.connections.values();
    if (connection === undefined) {
      this.release();
      return;
    }
    this.air.leave(this.linkLayer);
    this.state = { kind: 'hanging-up' };
    connection.disconnect();
  }

  private release(): void {
    this.state = { kind: 'idle' };
    this.linkLayer.stopScan();
    this.air.leave(this.linkLayer);
    this.released();
  }
}

function nameOf(peer: Address): string {
  return `band ${addressText(peer)}`;
}
