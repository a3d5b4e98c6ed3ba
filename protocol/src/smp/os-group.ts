/** The few commands of SMP's OS group that we use (Zephyr, SMP group 0). */
import { type CborMap } from '../cbor/index.js';
import type { SmpRequest } from './client.js';
import { named } from './named.js';

export const OS_GROUP = 0;
export const OS_COMMAND = { echo: 0, reset: 5, parameters: 6, bootloader: 8 } as const;

/** SMP's own result codes, as far as we answer or look for them. */
export const RC = {
  unknown: 1,
  invalid: 3,
  notFound: 5,
  badState: 6,
  /** The answer does not fit the buffer. */
  messageSize: 7,
  notSupported: 8,
  busy: 10,
  accessDenied: 11,
} as const;

/** What a server can take: bytes of one SMP packet, and how many at once. */
export interface SmpParameters {
  readonly bufferBytes: number;
  readonly bufferCount: number;
}

/** Where a server does not say: what Zephyr's defaults give on small devices. */
export const DEFAULT_PARAMETERS: SmpParameters = { bufferBytes: 384, bufferCount: 1 };

export const parametersRequest: SmpRequest = {
  op: 'read',
  group: OS_GROUP,
  id: OS_COMMAND.parameters,
  body: new Map(),
  name: 'parameters',
  idempotent: true,
};

export function readParameters(answer: CborMap): SmpParameters {
  const bufferBytes = answer.get('buf_size');
  const bufferCount = answer.get('buf_count');
  return {
    bufferBytes:
      typeof bufferBytes === 'number' && bufferBytes >= 64 ? bufferBytes : DEFAULT_PARAMETERS.bufferBytes,
    bufferCount:
      typeof bufferCount === 'number' && bufferCount >= 1 ? bufferCount : DEFAULT_PARAMETERS.bufferCount,
  };
}

/** Has a device start anew, soon after it has answered. */
export const resetRequest: SmpRequest = {
  op: 'write',
  group: OS_GROUP,
  id: OS_COMMAND.reset,
  body: new Map(),
  name: 'reset',
  idempotent: false,
};

/** What a device can be asked about its bootloader (Zephyr, SMP group 0, bootloader information). */
export const BOOTLOADER_QUERY = {
  /** Ours, not Zephyr's: the counter that an image has to reach. */
  securityCounter: 'security-counter',
  /** Ours: hashes of the keys that it believes, as images name them. */
  keys: 'keys',
} as const;

/** @param query without, the bootloader's name */
export function bootloaderRequest(query?: string): SmpRequest {
  return {
    ...{ op: 'read', group: OS_GROUP, id: OS_COMMAND.bootloader, name: 'bootloader', idempotent: true },
    body: named({ query }),
  };
}
