/** What an HCI command is to this controller, and what the handlers of commands have in common. */
import type { LinkLayer } from '../link-layer/link-layer.js';
import type { ScanSettings } from '../link-layer/scanner.js';
import { type LeEvent, STATUS, type Status } from './codes.js';

export interface ControllerOptions {
  /** Public address, six bytes, least significant first. */
  readonly address?: Uint8Array;
  /** Connections at a time. */
  readonly maxConnections?: number;
  /** Cannot scan and initiate at once, as many controllers cannot. */
  readonly isStrict?: boolean;
  /** Has the commands and events of extended advertising. */
  readonly isExtended?: boolean;
  /** Packets of the host that it holds, and the bytes of each. */
  readonly aclBuffers?: { readonly count: number; readonly bytes: number };
  readonly acceptListSize?: number;
  /** Most payload of a data PDU, 27 to 251 octets. */
  readonly dataOctets?: number;
}

export type ControllerSettings = Required<ControllerOptions>;

export const DEFAULT_CONTROLLER: ControllerSettings = {
  address: Uint8Array.of(0x01, 0x00, 0x00, 0x5e, 0x00, 0x02),
  maxConnections: 8,
  isStrict: false,
  isExtended: false,
  aclBuffers: { count: 8, bytes: 251 },
  acceptListSize: 16,
  dataOctets: 251,
};

/** What a reset puts back. */
export interface HostState {
  eventMask: Uint8Array;
  leEventMask: Uint8Array;
  isLeHostSupported: boolean;
  scan: ScanSettings;
  /** Legacy and extended commands of scanning and initiating exclude each other until a reset. */
  commandSet: 'legacy' | 'extended' | undefined;
  /** Whether the scanner or initiator that is on uses the accept list. */
  usesAcceptList: { scan: boolean; initiate: boolean };
}

/** LE events are masked at first: the host has to ask for them. */
const DEFAULT_EVENT_MASK = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0);
const DEFAULT_LE_EVENT_MASK = Uint8Array.of(0x1f, 0, 0, 0, 0, 0, 0, 0);

export function initialState(): HostState {
  return {
    eventMask: DEFAULT_EVENT_MASK,
    leEventMask: DEFAULT_LE_EVENT_MASK,
    isLeHostSupported: false,
    scan: { intervalMs: 10, windowMs: 10, isActive: false, acceptListOnly: false },
    commandSet: undefined,
    usesAcceptList: { scan: false, initiate: false },
  };
}

const LE_META_BIT = 61;

/** Whether the host wants to hear of a subevent. */
export function isWanted(state: HostState, event: LeEvent): boolean {
  return hasBit(state.eventMask, LE_META_BIT) && hasBit(state.leEventMask, event - 1);
}

function hasBit(mask: Uint8Array, bit: number): boolean {
  return (((mask[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
}

/** What a handler works on. */
export interface CommandContext {
  readonly settings: ControllerSettings;
  readonly linkLayer: LinkLayer;
  state: HostState;
  /** dBm of a connection's packets now. */
  readonly rssi: (handle: number) => number | undefined;
  /** Forgets connections, lists and masks. */
  readonly reset: () => void;
  /** Initiating was cancelled: the host hears of it as of a connection that failed. */
  readonly cancelled: () => void;
}

/** How a command is answered: with its results, or with a status and an event that follows when it is done. */
export type Reply =
  | {
      readonly kind: 'complete';
      readonly status: Status;
      readonly values?: readonly number[];
      readonly then?: () => void;
    }
  | { readonly kind: 'status'; readonly status: Status };

export interface HciCommand {
  /** Bytes of parameters; a function where they depend on each other. */
  readonly length: number | ((params: DataView) => number);
  readonly run: (context: CommandContext, params: DataView) => Reply;
}

export type CommandTable = Readonly<Record<number, HciCommand>>;

export function complete(...values: readonly number[]): Reply {
  return { kind: 'complete', status: STATUS.success, values };
}

export function refuse(status: Status): Reply {
  return { kind: 'complete', status };
}

export function status(value: Status = STATUS.success): Reply {
  return { kind: 'status', status: value };
}

/** Takes one of two sets of commands into use; false where the other one is in use already. */
export function claim(state: HostState, commandSet: 'legacy' | 'extended'): boolean {
  state.commandSet ??= commandSet;
  return state.commandSet === commandSet;
}

export function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
