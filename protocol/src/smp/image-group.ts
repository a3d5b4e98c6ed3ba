/** SMP's image group as MCUboot and Zephyr have it (Zephyr, SMP group 1): what is in the slots, and what is to become of it. */
import type { CborMap, CborValue } from '../cbor/index.js';
import { SmpError } from '../errors.js';
import type { SmpRequest } from './client.js';
import { named } from './named.js';

export const IMAGE_GROUP = 1;
export const IMAGE_COMMAND = { state: 0, upload: 1, erase: 5, slots: 6 } as const;

/** More slots than any device has; bounds an answer. */
const MAX_IMAGES = 16;

/** An image in a slot. A flag that a device leaves out is false. */
export interface ImageState {
  /** Number of the image on devices with several; 0 where none is named. */
  readonly image: number;
  /** 0 is the one that runs. */
  readonly slot: number;
  readonly version: string;
  /** By this it is named for `test` and `confirm`: the hash inside the image, not that of its file. */
  readonly hash: Uint8Array | undefined;
  readonly bootable: boolean;
  /** Is swapped in at the next start. */
  readonly pending: boolean;
  /** Stays after the next start. */
  readonly confirmed: boolean;
  /** Runs now. */
  readonly active: boolean;
  /** Is swapped in for good. */
  readonly permanent: boolean;
}

export const imageStateRequest: SmpRequest = {
  op: 'read',
  group: IMAGE_GROUP,
  id: IMAGE_COMMAND.state,
  body: new Map(),
  name: 'image state',
  idempotent: true,
};

/**
 * Marks an image for a trial at the next start, or for good.
 * @param hash of the image; without, the one that runs is confirmed
 */
export function setImageState(hash: Uint8Array | undefined, confirm: boolean): SmpRequest {
  return {
    ...{ op: 'write', group: IMAGE_GROUP, id: IMAGE_COMMAND.state },
    ...{ body: named({ hash, confirm }), name: confirm ? 'image confirm' : 'image test', idempotent: true },
  };
}

/** @param slot the second one of the running image without */
export function eraseImage(slot?: number): SmpRequest {
  return {
    ...{ op: 'write', group: IMAGE_GROUP, id: IMAGE_COMMAND.erase, name: 'image erase', idempotent: true },
    body: named({ slot }),
  };
}

/** Reads the answer to both. @throws SmpError `smp/answer` */
export function readImageStates(answer: CborMap): ImageState[] {
  const images = answer.get('images');
  if (!Array.isArray(images) || images.length > MAX_IMAGES)
    throw new SmpError('smp/answer', 'image state: no list of images', { request: 'image state' });
  return images.map(readImageState);
}

function readImageState(value: CborValue): ImageState {
  const map = value instanceof Map ? (value as CborMap) : undefined;
  const slot = map?.get('slot');
  if (map === undefined || typeof slot !== 'number')
    throw new SmpError('smp/answer', 'image state: an image without its slot', { request: 'image state' });
  const [image, version, hash] = [map.get('image'), map.get('version'), map.get('hash')];
  const flag = (name: string): boolean => map.get(name) === true;
  return {
    ...{ image: typeof image === 'number' ? image : 0, slot },
    version: typeof version === 'string' ? version : '',
    hash: hash instanceof Uint8Array ? hash : undefined,
    ...{ bootable: flag('bootable'), pending: flag('pending'), confirmed: flag('confirmed') },
    ...{ active: flag('active'), permanent: flag('permanent') },
  };
}
