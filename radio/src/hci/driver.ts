/**
 * The one seam below noble: everything between it and a controller passes here. Commands go out one at a time, what
 * comes in is checked first, adverts never reach noble, and connecting is ours: noble adopts the links (Core, Vol 4, Part E).
 */
import type { Timers } from '@timeband/protocol';
import type { RadioCounters } from '../counters.js';
import { RadioFailure } from '../failure.js';
import type { HciPort } from '../port/port.js';
import { type AdvertReport, peerAddress, type PeerAddress, readAdverts } from './adverts.js';
import {
  BOUNDARY,
  CID,
  EVENT,
  LE_EVENT,
  OPCODE,
  PACKET,
  readU16,
  REMOTE_USER_TERMINATED,
  STATUS,
  u16,
} from './codes.js';
import { CommandQueue, type CommandResult } from './command-queue.js';
import { isReadable, isWholeResult } from './event-guard.js';
import { LinkGuard } from './link-guard.js';
import { NobleSocket } from './noble-socket.js';
import { rewriteCommand, rewriteData } from './rewriting.js';

/** Who watches the packets of both directions, type byte included. */
export type HciMonitor = (packet: Uint8Array, isToHost: boolean) => void;

/** A connection as the controller reported it. */
export interface HciConnection {
  readonly handle: number;
  readonly address: PeerAddress;
}

export interface HciDriverOptions {
  readonly port: HciPort;
  readonly timers: Timers;
  readonly counters: RadioCounters;
  readonly monitor?: HciMonitor | undefined;
  readonly advert: (report: AdvertReport) => void;
  /** The result of connecting; undefined when it was cancelled or came to nothing. After noble has adopted it. */
  readonly connected: (connection: HciConnection | undefined) => void;
  readonly disconnected: (handle: number, reason: number) => void;
  /** The controller is of no use any more; once. */
  readonly failed: (failure: RadioFailure) => void;
}

const HANDLE_MASK = 0x0fff;
/** The reason that noble is told when a controller took its links with it: connection time-out. */
const CONNECTION_TIMEOUT = 0x08;

interface DriverLink {
  readonly guard: LinkGuard;
  /** It misbehaved and is being disconnected: nothing more of it is read. */
  isCondemned: boolean;
}

export class HciDriver {
  /** What noble takes for its HCI socket. */
  readonly socket: NobleSocket;
  private readonly commands: CommandQueue;
  private readonly links = new Map<number, DriverLink>();
  private hasFailed = false;

  constructor(private readonly options: HciDriverOptions) {
    this.socket = new NobleSocket((packet) => {
      this.fromNoble(packet);
    });
    this.commands = new CommandQueue({
      timers: options.timers,
      write: (packet) => {
        this.write(packet);
      },
      failed: this.fail,
    });
  }

  /** @throws RadioFailure */
  async open(): Promise<void> {
    await this.options.port.open({ packet: this.fromController, failed: this.fail });
  }

  /** Asks the controller for something. @throws RadioFailure */
  command(opcode: number, parameters: Iterable<number> = []): Promise<CommandResult> {
    return this.commands.send(opcode, parameters);
  }

  /** Ends a connection; `disconnected` follows. Harmless when it has ended already. */
  disconnect(handle: number): void {
    const link = this.links.get(handle);
    if (link === undefined) return;
    link.isCondemned = true;
    const failed = (): void => undefined; // which `failed` has told
    this.command(OPCODE.disconnect, [...u16(handle), REMOTE_USER_TERMINATED]).then(({ status }) => {
      if (status === STATUS.unknownConnection && this.links.has(handle))
        this.fail(new RadioFailure('radio/rebooted', 'the controller has forgotten a connection'));
    }, failed);
  }

  /** The attribute with which a connection's notifications were turned on. */
  lastWritten(handle: number): number | undefined {
    return this.links.get(handle)?.guard.att.lastWritten;
  }

  /** Connections that the controller has not reported the end of. */
  get handles(): readonly number[] {
    return [...this.links.keys()];
  }

  /** Tells noble that its links are gone, and lets go of the controller. */
  async close(): Promise<void> {
    this.hasFailed = true;
    this.commands.close(new RadioFailure('radio/port', 'the radio is closed'));
    for (const handle of this.handles) this.ended(handle, CONNECTION_TIMEOUT);
    await this.options.port.close();
  }

  private readonly fail = (failure: RadioFailure): void => {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.commands.close(failure);
    this.options.failed(failure);
  };

  private write(packet: Uint8Array): void {
    this.options.monitor?.(packet, false);
    this.options.port.write(packet);
  }

  private fromNoble(packet: Uint8Array): void {
    if (this.hasFailed) return;
    if (packet[0] === PACKET.command) {
      this.commands.forward(rewriteCommand(packet));
    } else if (packet[0] === PACKET.acl) {
      const link = this.links.get(readU16(packet, 1) & HANDLE_MASK);
      if (link === undefined || link.isCondemned) return;
      this.write(rewriteData(packet, link.guard.att));
    }
  }

  private readonly fromController = (packet: Uint8Array): void => {
    if (this.hasFailed) return;
    this.options.monitor?.(packet, true);
    if (packet[0] === PACKET.acl) this.data(packet);
    else this.event(packet);
  };

  private data(packet: Uint8Array): void {
    const field = readU16(packet, 1);
    const handle = field & HANDLE_MASK;
    const link = this.links.get(handle);
    if (link === undefined || link.isCondemned) {
      this.options.counters.count('hostile/after-end');
      return;
    }
    const verdict = link.guard.received((field >> 12) & 0b11, packet.subarray(5));
    if (verdict.do === 'wait') return;
    if (verdict.do === 'pass') this.toNoble(handle, verdict.pdu);
    else {
      this.options.counters.count(`hostile/${verdict.because}`);
      if (verdict.do === 'disconnect') this.disconnect(handle);
    }
  }

  /** A whole frame in one packet, as noble reads it best. */
  private toNoble(handle: number, pdu: Uint8Array): void {
    const head = [
      ...[PACKET.acl, ...u16(handle | (BOUNDARY.controllerStart << 12))],
      ...[...u16(pdu.length + 4), ...u16(pdu.length), ...u16(CID.att)],
    ];
    this.socket.deliver(Buffer.concat([Buffer.from(head), pdu]));
  }

  private event(packet: Uint8Array): void {
    const code = packet[1] ?? 0;
    const parameters = packet.subarray(3);
    if (code === EVENT.leMeta && parameters[0] === LE_EVENT.advertisingReport) {
      this.adverts(parameters);
    } else if (code === EVENT.hardwareError) {
      this.fail(
        new RadioFailure('radio/hardware', `the controller reports hardware error ${parameters[0] ?? 0}`),
      );
    } else if (!isReadable(code, parameters)) {
      this.options.counters.count('event/unread');
    } else if (code === EVENT.commandComplete) {
      this.answered(packet, parameters[0] ?? 0, readU16(parameters, 1), {
        status: parameters[3] ?? 0,
        values: parameters.subarray(4),
      });
    } else if (code === EVENT.commandStatus) {
      const status = parameters[0] ?? 0;
      this.answered(packet, parameters[1] ?? 0, readU16(parameters, 2), { status, values: new Uint8Array() });
    } else if (code === EVENT.disconnectionComplete) {
      if (parameters[0] === STATUS.success) this.ended(readU16(parameters, 1), parameters[3] ?? 0);
    } else if (code === EVENT.leMeta && isConnectionComplete(parameters[0])) {
      this.connected(packet, parameters);
    } else {
      this.socket.deliver(packet);
    }
  }

  private answered(packet: Uint8Array, credits: number, opcode: number, result: CommandResult): void {
    if (result.status === STATUS.success && packet[1] === EVENT.commandComplete) {
      if (!isWholeResult(opcode, result.values)) {
        const name = opcode.toString(16).padStart(4, '0');
        this.fail(new RadioFailure('radio/unsupported', `the answer to command 0x${name} is too short`));
        return;
      }
    }
    const owner = this.commands.answered(opcode, credits, result);
    if (owner === 'noble') this.socket.deliver(packet);
    else if (owner === 'nobody' && opcode !== 0) this.options.counters.count('event/unasked');
  }

  private adverts(parameters: Uint8Array): void {
    const reports = readAdverts(parameters);
    if (reports === undefined) this.options.counters.count('hostile/advert-report');
    else for (const report of reports) this.options.advert(report);
  }

  private connected(packet: Uint8Array, parameters: Uint8Array): void {
    if (parameters[1] !== STATUS.success) {
      this.options.connected(undefined);
      return;
    }
    const handle = readU16(parameters, 2) & HANDLE_MASK;
    const address = peerAddress(parameters.slice(6, 12).reverse(), ((parameters[5] ?? 0) & 1) === 1);
    this.links.set(handle, { guard: new LinkGuard(), isCondemned: false });
    this.socket.deliver(packet);
    this.options.connected({ handle, address });
  }

  private ended(handle: number, reason: number): void {
    const link = this.links.get(handle);
    if (!this.links.delete(handle)) return;
    if (link?.guard.isUnfinished === true) this.options.counters.count('hostile/frame-unfinished');
    this.socket.deliver(
      Uint8Array.of(PACKET.event, EVENT.disconnectionComplete, 4, 0, ...u16(handle), reason),
    );
    this.options.disconnected(handle, reason);
  }
}

function isConnectionComplete(subevent: number | undefined): boolean {
  return subevent === LE_EVENT.connectionComplete || subevent === LE_EVENT.enhancedConnectionComplete;
}
