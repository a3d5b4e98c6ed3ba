/** Commands with which a host brings a controller up (Core, Vol 4, Part E, 7.3, 7.4 and 7.8). */
import { type CommandTable, complete, type HciCommand, refuse } from './command.js';
import { OPCODE, STATUS } from './codes.js';
import { octetsTime, u16 } from './packets.js';

/** Bluetooth 5.3. */
const VERSION = 0x0c;
/** The company identifier for internal use. */
const MANUFACTURER = 0xffff;

const FEATURE = { dataLengthExtension: 5, extendedAdvertising: 12 } as const;

function bytesOf(params: DataView): Uint8Array {
  return new Uint8Array(params.buffer, params.byteOffset, params.byteLength).slice();
}

const reset: HciCommand = {
  length: 0,
  run: (context) => {
    context.reset();
    return complete();
  },
};

const leReadFeatures: HciCommand = {
  length: 0,
  run: ({ settings }) => {
    const features = [0, 0, 0, 0, 0, 0, 0, 0];
    const set = (bit: number): void => {
      features[bit >> 3] = (features[bit >> 3] ?? 0) | (1 << (bit & 7));
    };
    if (settings.dataOctets > 27) set(FEATURE.dataLengthExtension);
    if (settings.isExtended) set(FEATURE.extendedAdvertising);
    return complete(...features);
  },
};

export const SETUP_COMMANDS: CommandTable = {
  [OPCODE.reset]: reset,
  [OPCODE.leReadFeatures]: leReadFeatures,
  [OPCODE.setEventMask]: {
    length: 8,
    run: ({ state }, params) => {
      state.eventMask = bytesOf(params);
      return complete();
    },
  },
  [OPCODE.leSetEventMask]: {
    length: 8,
    run: ({ state }, params) => {
      state.leEventMask = bytesOf(params);
      return complete();
    },
  },
  [OPCODE.readLeHostSupport]: {
    length: 0,
    run: ({ state }) => complete(state.isLeHostSupported ? 1 : 0, 0),
  },
  [OPCODE.writeLeHostSupport]: {
    length: 2,
    run: ({ state }, params) => {
      if (params.getUint8(0) > 1) return refuse(STATUS.invalidParameters);
      state.isLeHostSupported = params.getUint8(0) === 1;
      return complete();
    },
  },
  [OPCODE.readVersion]: {
    length: 0,
    run: () => complete(VERSION, ...u16(0), VERSION, ...u16(MANUFACTURER), ...u16(0)),
  },
  [OPCODE.readAddress]: { length: 0, run: ({ settings }) => complete(...settings.address) },
  [OPCODE.readBufferSize]: {
    length: 0,
    run: ({ settings: { aclBuffers } }) =>
      complete(...u16(aclBuffers.bytes), 0, ...u16(aclBuffers.count), ...u16(0)),
  },
  [OPCODE.leReadBufferSize]: {
    length: 0,
    run: ({ settings: { aclBuffers } }) => complete(...u16(aclBuffers.bytes), aclBuffers.count),
  },
  [OPCODE.leReadMaxDataLength]: {
    length: 0,
    run: ({ settings: { dataOctets } }) => {
      const each = [...u16(dataOctets), ...u16(octetsTime(dataOctets))];
      return complete(...each, ...each);
    },
  },
};
