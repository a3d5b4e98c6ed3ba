/**
 * A band's GATT client for one connection to another band: the exchange of MTUs, then the SMP characteristic's
 * notifications (Core, Vol 3, Part F; SPEC.md, Bluetooth LE). It looks for no handles: all bands have one layout.
 */
import { concat, type GattPort, type GattPortHandlers, LinkError } from '@timeband/protocol';
import type { EventClock } from '../clock.js';
import { ATT, MAX_MTU, MIN_MTU, VALUE_HEADER_BYTES } from '../gatt/att.js';
import { SMP_CONFIGURATION_HANDLE, SMP_VALUE_HANDLE, uuid16 } from '../gatt/attributes.js';
import { CID, frame, Reassembler } from '../gatt/l2cap.js';
import type { Connection } from '../link-layer/connection.js';
import type { Fragment } from '../link-layer/ends.js';

export interface GattClientOptions {
  readonly name: string;
  /** Largest MTU that it agrees to. */
  readonly mtu: number;
  readonly clock: EventClock;
  readonly connection: Pick<Connection, 'send' | 'disconnect'>;
  /** Packets may pass. */
  readonly opened: () => void;
}

type State =
  | { readonly kind: 'exchanging-mtu' }
  | { readonly kind: 'subscribing' }
  | { readonly kind: 'open' }
  /** It has asked the link layer to disconnect; with the reason when that was not asked of it. */
  | { readonly kind: 'disconnecting'; readonly reason?: LinkError }
  | { readonly kind: 'ended'; readonly reason: LinkError | undefined };

const NOTIFICATIONS_ON = Uint8Array.of(1, 0);
const MTU_RESPONSE_BYTES = 3;
const ERROR_BYTES = 5;

export class GattClient implements GattPort {
  readonly name: string;
  mtu = MIN_MTU;
  private state: State = { kind: 'exchanging-mtu' };
  private handlers: GattPortHandlers | undefined;
  private readonly waitingForEnd: (() => void)[] = [];
  private readonly reassembler = new Reassembler(MAX_MTU, (cid, pdu) => {
    if (cid === CID.att) this.take(pdu);
  });

  constructor(private readonly options: GattClientOptions) {
    this.name = options.name;
    this.send(Uint8Array.of(ATT.mtuRequest), uuid16(options.mtu));
  }

  readonly start = (handlers: GattPortHandlers): void => {
    this.handlers = handlers;
    if (this.state.kind === 'ended') handlers.closed(this.state.reason);
  };

  /** What the link layer's queue has no room for is lost, which the request's time-out notices. */
  readonly write = (value: Uint8Array): void => {
    if (this.state.kind === 'open') this.sendValue(ATT.writeCommand, SMP_VALUE_HANDLE, value);
  };

  readonly close = (): Promise<void> => {
    if (this.state.kind === 'ended') return Promise.resolve();
    if (this.state.kind !== 'disconnecting') this.disconnect();
    return new Promise((resolve) => {
      this.waitingForEnd.push(resolve);
    });
  };

  received(fragment: Fragment): void {
    this.reassembler.push(fragment);
  }

  /**
   * The connection is gone.
   * @returns the reason: this one, or that for which the client itself gave up; none where that was asked of it
   */
  ended(cause: LinkError): LinkError | undefined {
    const reason = this.state.kind === 'disconnecting' ? this.state.reason : cause;
    this.state = { kind: 'ended', reason };
    this.handlers?.closed(reason);
    for (const resolve of this.waitingForEnd.splice(0)) resolve();
    this.options.clock.handOver();
    return reason;
  }

  /** What is neither awaited nor a notification of the characteristic is dropped. */
  private take(pdu: Uint8Array): void {
    switch (this.state.kind) {
      case 'exchanging-mtu':
        // A server that refuses the exchange stays at the least.
        if (isMtuResponse(pdu)) this.mtu = Math.max(MIN_MTU, Math.min(this.options.mtu, uint16(pdu, 1)));
        else if (!isRefusal(pdu, ATT.mtuRequest)) return;
        this.state = { kind: 'subscribing' };
        this.sendValue(ATT.writeRequest, SMP_CONFIGURATION_HANDLE, NOTIFICATIONS_ON);
        return;
      case 'subscribing':
        if (isRefusal(pdu, ATT.writeRequest)) {
          this.disconnect(new LinkError('link/open', `${this.name} refuses notifications`));
        } else if (pdu[0] === ATT.writeResponse) {
          this.state = { kind: 'open' };
          this.options.opened();
        }
        return;
      case 'open':
        if (!isNotification(pdu)) return;
        this.handlers?.value(pdu.subarray(VALUE_HEADER_BYTES));
        this.options.clock.handOver();
        return;
      case 'disconnecting':
      case 'ended':
    }
  }

  private disconnect(reason?: LinkError): void {
    this.state = { kind: 'disconnecting', ...(reason && { reason }) };
    this.options.connection.disconnect();
  }

  private sendValue(opcode: number, handle: number, value: Uint8Array): void {
    this.send(Uint8Array.of(opcode), uuid16(handle), value);
  }

  private send(...parts: Uint8Array[]): void {
    this.options.connection.send({ isStart: true, bytes: frame(CID.att, concat(...parts)) });
  }
}

function isMtuResponse(pdu: Uint8Array): boolean {
  return pdu[0] === ATT.mtuResponse && pdu.length === MTU_RESPONSE_BYTES;
}

function isRefusal(pdu: Uint8Array, request: number): boolean {
  return pdu[0] === ATT.error && pdu[1] === request && pdu.length === ERROR_BYTES;
}

function isNotification(pdu: Uint8Array): boolean {
  return (
    pdu[0] === ATT.notification && pdu.length >= VALUE_HEADER_BYTES && uint16(pdu, 1) === SMP_VALUE_HANDLE
  );
}

function uint16(pdu: Uint8Array, at: number): number {
  return (pdu[at] ?? 0) | ((pdu[at + 1] ?? 0) << 8);
}
