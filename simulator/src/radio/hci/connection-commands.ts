/** Commands of connections (Core, Vol 4, Part E, 7.1.6, 7.5.4, 7.8.12, 7.8.13, 7.8.18, 7.8.33 and 7.8.66). */
import { readAddress } from '../air/address.js';
import { INTERVAL_UNIT_MS } from '../air/timing.js';
import type { Connection, ConnectionSettings } from '../link-layer/connection.js';
import { OPCODE, STATUS, type Status } from './codes.js';
import {
  claim,
  type CommandContext,
  type CommandTable,
  complete,
  isWithin,
  refuse,
  type Reply,
  status,
} from './command.js';
import { signedByte, u16 } from './packets.js';
import { isOnly1M, perPhy, readListening } from './scan-commands.js';

/** What the parameters of a connection may be, in the units of HCI. */
const INTERVAL = { min: 0x0006, max: 0x0c80 } as const;
const MAX_LATENCY = 0x01f3;
const TIMEOUT = { min: 0x000a, max: 0x0c80 } as const;
const TIMEOUT_UNIT_MS = 10;
const OCTETS = { min: 0x001b, max: 0x00fb } as const;
const OCTETS_TIME = { min: 0x0148, max: 0x4290 } as const;

const HANDLE_MASK = 0x0fff;

/** Interval (least and most), latency and time-out that follow each other. A controller takes the longest interval. */
function readConnection(params: DataView, at: number): ConnectionSettings | undefined {
  const [least, most, latency, timeout] = [0, 2, 4, 6].map((offset) => params.getUint16(at + offset, true));
  if (least === undefined || most === undefined || latency === undefined || timeout === undefined)
    return undefined;
  const isSound =
    isWithin(least, INTERVAL.min, most) &&
    most <= INTERVAL.max &&
    latency <= MAX_LATENCY &&
    isWithin(timeout, TIMEOUT.min, TIMEOUT.max);
  const settings = { intervalMs: most * INTERVAL_UNIT_MS, latency, timeoutMs: timeout * TIMEOUT_UNIT_MS };
  const isLongEnough = settings.timeoutMs > (1 + latency) * settings.intervalMs * 2;
  return isSound && isLongEnough ? settings : undefined;
}

/** Where the parts of the two commands that connect stand. */
interface CreateLayout {
  readonly listening: number;
  readonly policy: number;
  readonly peer: number;
  readonly connection: number;
}
const LEGACY: CreateLayout = { listening: 0, policy: 4, peer: 5, connection: 13 };
const EXTENDED: CreateLayout = { policy: 0, peer: 2, listening: 10, connection: 14 };

function create(
  { settings, state, linkLayer }: CommandContext,
  params: DataView,
  layout: CreateLayout,
): Reply {
  if (linkLayer.isInitiating || (settings.isStrict && linkLayer.isScanning)) return status(STATUS.disallowed);
  const listening = readListening(params, layout.listening);
  const connection = readConnection(params, layout.connection);
  const policy = params.getUint8(layout.policy);
  if (listening === undefined || connection === undefined || policy > 1)
    return status(STATUS.invalidParameters);
  if (linkLayer.connections.size >= settings.maxConnections) return status(STATUS.connectionLimit);
  const peer = readAddress(params, layout.peer);
  if (policy === 0 && linkLayer.isConnected(peer)) return status(STATUS.connectionExists);
  state.usesAcceptList.initiate = policy === 1;
  linkLayer.initiate({ target: policy === 1 ? 'accept-list' : peer, listening, connection });
  return status();
}

/** Does something with the connection whose handle begins the parameters. */
function withConnection(
  { linkLayer }: CommandContext,
  params: DataView,
  run: (connection: Connection) => Reply,
  refused: (status: Status) => Reply,
): Reply {
  const connection = linkLayer.connections.get(params.getUint16(0, true) & HANDLE_MASK);
  return connection === undefined ? refused(STATUS.unknownConnection) : run(connection);
}

export const CONNECTION_COMMANDS: CommandTable = {
  [OPCODE.leCreateConnection]: {
    length: 25,
    run: (context, params) =>
      claim(context.state, 'legacy') ? create(context, params, LEGACY) : status(STATUS.disallowed),
  },
  [OPCODE.leExtendedCreateConnection]: {
    length: perPhy(10, 16, 9),
    run: (context, params) => {
      if (!context.settings.isExtended) return status(STATUS.unknownCommand);
      if (!claim(context.state, 'extended')) return status(STATUS.disallowed);
      return isOnly1M(params.getUint8(9)) ? create(context, params, EXTENDED) : status(STATUS.unsupported);
    },
  },
  [OPCODE.leCancelConnection]: {
    length: 0,
    run: ({ linkLayer, cancelled }) =>
      linkLayer.cancel()
        ? { kind: 'complete', status: STATUS.success, then: cancelled }
        : refuse(STATUS.disallowed),
  },
  [OPCODE.disconnect]: {
    length: 3,
    run: (context, params) =>
      withConnection(
        context,
        params,
        (connection) => {
          connection.disconnect();
          return status();
        },
        status,
      ),
  },
  [OPCODE.leUpdateConnection]: {
    length: 14,
    run: (context, params) =>
      withConnection(
        context,
        params,
        (connection) => {
          const settings = readConnection(params, 2);
          if (settings === undefined) return status(STATUS.invalidParameters);
          connection.changeSettings(settings);
          return status();
        },
        status,
      ),
  },
  [OPCODE.leSetDataLength]: {
    length: 6,
    run: (context, params) =>
      withConnection(
        context,
        params,
        (connection) => {
          const octets = params.getUint16(2, true);
          const time = params.getUint16(4, true);
          const isSound =
            isWithin(octets, OCTETS.min, OCTETS.max) && isWithin(time, OCTETS_TIME.min, OCTETS_TIME.max);
          if (!isSound) return refuse(STATUS.invalidParameters);
          connection.changeLength(Math.min(octets, context.settings.dataOctets));
          return complete(...u16(connection.handle));
        },
        refuse,
      ),
  },
  [OPCODE.readRssi]: {
    length: 2,
    run: (context, params) =>
      withConnection(
        context,
        params,
        ({ handle }) => complete(...u16(handle), signedByte(context.rssi(handle) ?? 0)),
        refuse,
      ),
  },
};
