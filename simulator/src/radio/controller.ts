/**
 * A Bluetooth LE controller as a host meets it: HCI over H4 on one side (Core, Vol 4), a link layer on a simulated air
 * on the other. Nothing that a host sends makes it fail: what is wrong is refused with the status that real ones give.
 */
import { concat } from '@timeband/protocol';
import type { Air } from './air/air.js';
import { type Path, standingAt } from './air/signal.js';
import type { EventClock } from './clock.js';
import { BOUNDARY, LE_EVENT, type LeEvent, OPCODE, STATUS } from './hci/codes.js';
import {
  type CommandContext,
  type CommandTable,
  type ControllerOptions,
  type ControllerSettings,
  DEFAULT_CONTROLLER,
  initialState,
  isWanted,
  type Reply,
} from './hci/command.js';
import { CONNECTION_COMMANDS } from './hci/connection-commands.js';
import { H4Parser, PACKET } from './hci/h4.js';
import * as packets from './hci/packets.js';
import { SCAN_COMMANDS } from './hci/scan-commands.js';
import { SETUP_COMMANDS } from './hci/setup-commands.js';
import { LinkLayer } from './link-layer/link-layer.js';

/** The line to the host, as the controller sees it. */
export interface HostLine {
  readonly write: (packet: Uint8Array) => void;
  /** Bytes that have not left yet. */
  readonly backlog: () => number;
}

/** Who watches the packets of both directions, type byte included. */
export type Monitor = (packet: Uint8Array, isToHost: boolean) => void;

/** Milliseconds for which the processor works on one command. */
const COMMAND_MS = 0.1;
/** Commands held that came without a credit; more are lost. */
const MAX_COMMANDS = 32;
/** Bytes that wait for the host above which adverts are dropped, and above which no more data is taken off the air. */
const MAX_ADVERT_BACKLOG = 1_024;
const MAX_DATA_BACKLOG = 4_096;

/** Of the Hardware Error event: the transport lost step. */
const SYNC_LOSS = 0x01;

const TABLE: CommandTable = { ...SETUP_COMMANDS, ...SCAN_COMMANDS, ...CONNECTION_COMMANDS };
/** Commands that are answered with Command Status even when they are refused. */
const STATUS_COMMANDS: ReadonlySet<number> = new Set([
  OPCODE.disconnect,
  OPCODE.leCreateConnection,
  OPCODE.leExtendedCreateConnection,
  OPCODE.leUpdateConnection,
]);

/** Opcode and length before a command's parameters. */
const COMMAND_HEADER_BYTES = 3;

export class Controller {
  /** Adverts and host packets that were dropped, commands that came before the one before was answered, lost step. */
  readonly counters = {
    commands: 0,
    uncredited: 0,
    refused: 0,
    advertsDropped: 0,
    aclDropped: 0,
    lostStep: 0,
  };
  readonly linkLayer: LinkLayer;
  monitor: Monitor | undefined;
  private readonly settings: ControllerSettings;
  private readonly context: CommandContext;
  private readonly commands: Uint8Array[] = [];
  private parser: H4Parser;
  private buffersInUse = new Map<number, number>();
  private isDeaf = false;
  private run = 0;

  constructor(
    private readonly clock: EventClock,
    private readonly air: Air,
    private readonly line: HostLine,
    options: ControllerOptions = {},
    path: Path = standingAt(0, 0),
  ) {
    this.settings = { ...DEFAULT_CONTROLLER, ...options };
    this.parser = this.newParser();
    this.linkLayer = new LinkLayer(clock, air, path, {
      advert: (report) => {
        if (line.backlog() > MAX_ADVERT_BACKLOG) this.counters.advertsDropped++;
        else if (this.context.state.commandSet === 'extended') {
          this.tell(LE_EVENT.extendedAdvertisingReport, () => packets.extendedAdvertisingReport(report));
        } else this.tell(LE_EVENT.advertisingReport, () => packets.advertisingReport(report));
      },
      connected: ({ handle, peer, settings }) => {
        this.context.state.usesAcceptList.initiate = false;
        this.buffersInUse.set(handle, 0);
        this.tellConnected({ status: STATUS.success, handle, peer, settings });
      },
      received: ({ handle }, fragment) => {
        this.emit(packets.aclData(handle, fragment));
      },
      completed: ({ handle }, count) => {
        this.buffersInUse.set(handle, (this.buffersInUse.get(handle) ?? 0) - count);
        this.emit(packets.completedPackets(handle, count));
      },
      updated: ({ handle, settings }) => {
        this.tell(LE_EVENT.connectionUpdateComplete, () =>
          packets.connectionUpdateComplete(handle, settings),
        );
      },
      lengthChanged: ({ handle, dataOctets }) => {
        this.tell(LE_EVENT.dataLengthChange, () => packets.dataLengthChange(handle, dataOctets));
      },
      ended: ({ handle }, reason) => {
        this.buffersInUse.delete(handle);
        this.emit(packets.disconnectionComplete(handle, reason));
      },
      hasRoom: () => line.backlog() < MAX_DATA_BACKLOG,
    });
    this.context = {
      settings: this.settings,
      linkLayer: this.linkLayer,
      state: initialState(),
      rssi: (handle) => {
        const connection = this.linkLayer.connections.get(handle);
        return connection && this.air.strength(connection.station, path);
      },
      reset: () => {
        this.forgetAll();
      },
      cancelled: () => {
        this.context.state.usesAcceptList.initiate = false;
        const unknown = { handle: 0, peer: undefined, settings: undefined };
        this.tellConnected({ status: STATUS.unknownConnection, ...unknown });
      },
    };
    air.join(this.linkLayer);
  }

  /** Bytes from the host. */
  readonly receive = (bytes: Uint8Array): void => {
    if (!this.isDeaf) this.parser.push(bytes);
  };

  /** Hears and says nothing on its line for so many milliseconds; the radio goes on. */
  fallSilent(ms: number): void {
    this.isDeaf = true;
    this.clock.after(ms, () => {
      this.isDeaf = false;
      this.parser = this.newParser();
    });
  }

  /** Starts anew as after a power cut: connections are gone, and the host is told nothing. */
  reboot(): void {
    this.forgetAll();
    this.commands.length = 0;
    this.run++;
    this.parser = this.newParser();
  }

  private forgetAll(): void {
    this.linkLayer.reset();
    this.buffersInUse.clear();
    this.context.state = initialState();
  }

  private newParser(): H4Parser {
    return new H4Parser(
      {
        command: (packet) => {
          this.takeCommand(packet);
        },
        acl: (packet) => {
          this.takeData(packet);
        },
        lostStep: () => {
          this.counters.lostStep++;
          this.emit(packets.hardwareError(SYNC_LOSS));
        },
      },
      this.settings.aclBuffers.bytes,
      this.clock.now,
    );
  }

  private takeCommand(packet: Uint8Array): void {
    this.monitor?.(concat(Uint8Array.of(PACKET.command), packet), false);
    this.counters.commands++;
    if (this.commands.length > 0) this.counters.uncredited++;
    if (this.commands.length >= MAX_COMMANDS) return;
    this.commands.push(packet);
    if (this.commands.length === 1) this.work();
  }

  private work(): void {
    const { run } = this;
    this.clock.after(COMMAND_MS, () => {
      const [command] = this.commands;
      if (command === undefined || run !== this.run) return;
      this.answer(command);
      this.commands.shift();
      if (this.commands.length > 0) this.work();
    });
  }

  private answer(packet: Uint8Array): void {
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const opcode = view.getUint16(0, true);
    const params = new DataView(
      packet.buffer,
      packet.byteOffset + COMMAND_HEADER_BYTES,
      packet.length - COMMAND_HEADER_BYTES,
    );
    const reply = this.execute(opcode, params);
    if (reply.status !== STATUS.success) this.counters.refused++;
    if (reply.kind === 'status') this.emit(packets.commandStatus(opcode, reply.status));
    else {
      this.emit(packets.commandComplete(opcode, reply.status, reply.values));
      reply.then?.();
    }
  }

  private execute(opcode: number, params: DataView): Reply {
    const command = TABLE[opcode];
    if (command === undefined) return { kind: 'status', status: STATUS.unknownCommand };
    const length = typeof command.length === 'number' ? command.length : command.length(params);
    if (params.byteLength === length) return command.run(this.context, params);
    const kind = STATUS_COMMANDS.has(opcode) ? 'status' : 'complete';
    return { kind, status: STATUS.invalidParameters };
  }

  private takeData(packet: Uint8Array): void {
    this.monitor?.(concat(Uint8Array.of(PACKET.acl), packet), false);
    const [low = 0, high = 0] = packet;
    const handle = low | ((high & 0x0f) << 8);
    const boundary = high >> 4;
    const connection = this.linkLayer.connections.get(handle);
    const isSound = boundary === BOUNDARY.hostStart || boundary === BOUNDARY.continuing;
    const bytes = packet.subarray(4);
    if (connection === undefined || !isSound || bytes.length === 0) {
      this.counters.aclDropped++;
      return;
    }
    const inUse = [...this.buffersInUse.values()].reduce((sum, count) => sum + count, 0);
    const isStart = boundary === BOUNDARY.hostStart;
    if (inUse >= this.settings.aclBuffers.count || !connection.send({ isStart, bytes })) {
      this.counters.aclDropped++;
      this.emit(packets.dataBufferOverflow());
      return;
    }
    this.buffersInUse.set(handle, (this.buffersInUse.get(handle) ?? 0) + 1);
  }

  private tellConnected(result: packets.ConnectionResult): void {
    const { enhancedConnectionComplete: enhanced, connectionComplete: plain } = LE_EVENT;
    const isEnhanced = isWanted(this.context.state, enhanced);
    this.tell(isEnhanced ? enhanced : plain, () => packets.connectionComplete(result, isEnhanced));
  }

  private tell(event: LeEvent, packet: () => Uint8Array): void {
    if (isWanted(this.context.state, event)) this.emit(packet());
  }

  private emit(packet: Uint8Array): void {
    if (this.isDeaf) return;
    this.monitor?.(packet, true);
    this.line.write(packet);
  }
}
