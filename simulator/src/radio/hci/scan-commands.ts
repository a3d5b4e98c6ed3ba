/** Commands of scanning and of the accept list (Core, Vol 4, Part E, 7.8.10 to 7.8.18, 7.8.64 and 7.8.65). */
import { readAddress } from '../air/address.js';
import type { ScanSettings } from '../link-layer/scanner.js';
import { OPCODE, STATUS, type Status } from './codes.js';
import {
  claim,
  type CommandContext,
  type CommandTable,
  complete,
  isWithin,
  refuse,
  type Reply,
} from './command.js';

/** Milliseconds of the unit in which scanning is timed. */
export const SCAN_UNIT_MS = 0.625;
const SCAN_TIME = { min: 0x0004, max: 0x4000 } as const;

/** Where the parts of scan parameters stand, in either of the two commands. */
interface ScanLayout {
  readonly type: number;
  readonly interval: number;
  readonly policy: number;
}
const LEGACY: ScanLayout = { type: 0, interval: 1, policy: 6 };
const EXTENDED: ScanLayout = { type: 3, interval: 4, policy: 1 };

const PHY_1M = 0b001;

/** Bytes of extended parameters: some at first, and some for each PHY that they name. */
export function perPhy(before: number, each: number, phys: number): (params: DataView) => number {
  return (params) => {
    const named = params.byteLength > phys ? params.getUint8(phys) : 0;
    return before + each * [0, 1, 2].filter((bit) => ((named >> bit) & 1) === 1).length;
  };
}

export function isOnly1M(phys: number): boolean {
  return phys === PHY_1M;
}

/** Interval and window that follow each other; undefined where a controller does not take them. */
export function readListening(
  params: DataView,
  at: number,
): { intervalMs: number; windowMs: number } | undefined {
  const interval = params.getUint16(at, true);
  const window = params.getUint16(at + 2, true);
  if (!isWithin(interval, SCAN_TIME.min, SCAN_TIME.max) || !isWithin(window, SCAN_TIME.min, interval)) {
    return undefined;
  }
  return { intervalMs: interval * SCAN_UNIT_MS, windowMs: window * SCAN_UNIT_MS };
}

function readScan(params: DataView, layout: ScanLayout): ScanSettings | Status {
  const listening = readListening(params, layout.interval);
  const type = params.getUint8(layout.type);
  const policy = params.getUint8(layout.policy);
  if (listening === undefined || type > 1 || policy > 3) return STATUS.invalidParameters;
  if (policy > 1) return STATUS.unsupported; // directed adverts to private addresses
  return { ...listening, isActive: type === 1, acceptListOnly: policy === 1 };
}

function setScan({ state, linkLayer }: CommandContext, settings: ScanSettings | Status): Reply {
  if (typeof settings === 'number') return refuse(settings);
  if (linkLayer.isScanning) return refuse(STATUS.disallowed);
  state.scan = settings;
  return complete();
}

function enableScan(
  { settings, state, linkLayer }: CommandContext,
  enable: number,
  duplicates: number,
): Reply {
  if (enable > 1 || duplicates > 1) return refuse(STATUS.invalidParameters);
  if (enable === 0) linkLayer.stopScan();
  else if (settings.isStrict && linkLayer.isInitiating) return refuse(STATUS.disallowed);
  else linkLayer.scan(state.scan, duplicates === 1);
  state.usesAcceptList.scan = enable === 1 && state.scan.acceptListOnly;
  return complete();
}

/** The accept list stays as it is while it is in use. */
function changeAcceptList({ state }: CommandContext, change: () => Reply): Reply {
  const { scan, initiate } = state.usesAcceptList;
  return scan || initiate ? refuse(STATUS.disallowed) : change();
}

export const SCAN_COMMANDS: CommandTable = {
  [OPCODE.leSetScanParameters]: {
    length: 7,
    run: (context, params) =>
      claim(context.state, 'legacy') ? setScan(context, readScan(params, LEGACY)) : refuse(STATUS.disallowed),
  },
  [OPCODE.leSetScanEnable]: {
    length: 2,
    run: (context, params) =>
      claim(context.state, 'legacy')
        ? enableScan(context, params.getUint8(0), params.getUint8(1))
        : refuse(STATUS.disallowed),
  },
  [OPCODE.leSetExtendedScanParameters]: {
    length: perPhy(3, 5, 2),
    run: (context, params) => {
      if (!context.settings.isExtended) return refuse(STATUS.unknownCommand);
      if (!claim(context.state, 'extended')) return refuse(STATUS.disallowed);
      if (!isOnly1M(params.getUint8(2))) return refuse(STATUS.unsupported);
      return setScan(context, readScan(params, EXTENDED));
    },
  },
  [OPCODE.leSetExtendedScanEnable]: {
    length: 6,
    run: (context, params) => {
      if (!context.settings.isExtended) return refuse(STATUS.unknownCommand);
      if (!claim(context.state, 'extended')) return refuse(STATUS.disallowed);
      const isTimed = params.getUint16(2, true) !== 0;
      return isTimed
        ? refuse(STATUS.unsupported)
        : enableScan(context, params.getUint8(0), params.getUint8(1));
    },
  },
  [OPCODE.leReadAcceptListSize]: { length: 0, run: ({ settings }) => complete(settings.acceptListSize) },
  [OPCODE.leClearAcceptList]: {
    length: 0,
    run: (context) =>
      changeAcceptList(context, () => {
        context.linkLayer.acceptList.clear();
        return complete();
      }),
  },
  [OPCODE.leAddToAcceptList]: {
    length: 7,
    run: (context, params) =>
      changeAcceptList(context, () => {
        const { acceptList } = context.linkLayer;
        const peer = readAddress(params, 0);
        if (params.getUint8(0) > 1) return refuse(STATUS.invalidParameters);
        const isFull = acceptList.size >= context.settings.acceptListSize && !acceptList.has(peer.key);
        if (isFull) return refuse(STATUS.limitExceeded);
        acceptList.set(peer.key, peer);
        return complete();
      }),
  },
  [OPCODE.leRemoveFromAcceptList]: {
    length: 7,
    run: (context, params) =>
      changeAcceptList(context, () => {
        context.linkLayer.acceptList.delete(readAddress(params, 0).key);
        return complete();
      }),
  },
};
