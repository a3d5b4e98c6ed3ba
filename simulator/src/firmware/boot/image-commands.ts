/** SMP's image group on a device that runs, as Zephyr has it, and the same on MCUboot's serial recovery, which has less of it. */
import {
  BOOTLOADER_QUERY,
  CborError,
  type CborMap,
  type CborValue,
  equalBytes,
  IMAGE_COMMAND,
  IMAGE_GROUP,
  named,
  OP,
  OS_COMMAND,
  OS_GROUP,
} from '@timeband/protocol';
import { SECTOR_BYTES } from '../flash.js';
import type { CommandHandler } from '../commands.js';
import { GroupRefusal } from '../refusal.js';
import type { BootloaderOptions } from './bootloader.js';
import { keyHash } from './image.js';
import { PRIMARY, SECONDARY, type SlotNumber } from './slots.js';

/** Result codes of the image group (Zephyr, enum img_mgmt_err_code_t). */
const IMAGE_RC = {
  noImage: 3,
  noFreeSlot: 9,
  invalidOffset: 20,
  invalidLength: 21,
  invalidHash: 24,
} as const;
/** Result code of the OS group: such a question has no answer. */
const NO_ANSWER = 4;

/** How fast the flash is. */
export interface FlashTiming {
  /** Milliseconds for a sector. */
  readonly eraseMs: number;
  /** Milliseconds for a kilobyte. */
  readonly writeMs: number;
}

/** The machine that they are commands of. */
export interface ImageCommandOptions {
  readonly bootloader: BootloaderOptions;
  readonly timing: FlashTiming;
  /** Counts its starts: how far an upload is stands in memory only. */
  readonly starts: number;
  /** The device starts anew, once it has answered. */
  readonly reset: () => void;
}

interface Upload {
  readonly length: number;
  readonly sha: Uint8Array | undefined;
  offset: number;
}

/** What a running firmware answers. */
export function imageCommands(machine: ImageCommandOptions): readonly CommandHandler[] {
  const { bootloader, timing, reset } = machine;
  const { slots } = bootloader;
  const isSecondFree = (): boolean => slots.pending === undefined && slots.isConfirmed;
  const receive = receiver(machine, SECONDARY);
  return [
    {
      ...{ group: IMAGE_GROUP, id: IMAGE_COMMAND.state, op: OP.read, busyMs: 0 },
      run: () => imageList(bootloader, true),
    },
    {
      ...{ group: IMAGE_GROUP, id: IMAGE_COMMAND.state, op: OP.write, busyMs: 0 },
      run: (body) => {
        setState(bootloader, bytesIn(body, 'hash'), body.get('confirm') === true);
        return imageList(bootloader, true);
      },
    },
    {
      ...{ group: IMAGE_GROUP, id: IMAGE_COMMAND.upload, op: OP.write, busyMs: receive.busyMs },
      run: (body) => {
        if (!isSecondFree()) throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.noFreeSlot);
        return receive.run(body);
      },
    },
    {
      ...{
        group: IMAGE_GROUP,
        id: IMAGE_COMMAND.erase,
        op: OP.write,
        busyMs: timing.eraseMs * slots.sectors,
      },
      run: () => {
        if (!isSecondFree()) throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.noFreeSlot);
        slots.erase(SECONDARY);
        return new Map();
      },
    },
    resetCommand(reset, () => new Map()),
    {
      ...{ group: OS_GROUP, id: OS_COMMAND.bootloader, op: OP.read, busyMs: 0 },
      run: (body) => aboutBootloader(bootloader, body.get('query')),
    },
  ];
}

/** What serial recovery answers: it writes straight into the slot that runs, and its errors are of the first version. */
export function recoveryCommands(machine: ImageCommandOptions): readonly CommandHandler[] {
  const { bootloader, reset } = machine;
  const receive = receiver(machine, PRIMARY);
  return [
    {
      ...{ group: IMAGE_GROUP, id: IMAGE_COMMAND.state, op: OP.read, busyMs: 0 },
      run: () => imageList(bootloader, false),
    },
    {
      ...{ group: IMAGE_GROUP, id: IMAGE_COMMAND.upload, op: OP.write, busyMs: receive.busyMs },
      run: (body) => {
        // It knows no hash of the file, and so no resuming: a piece at 0 begins anew.
        const known = new Map([...body].filter(([name]) => name !== 'sha'));
        return new Map<string | number, CborValue>([['rc', 0], ...receive.run(known)]);
      },
    },
    resetCommand(reset, () => new Map([['rc', 0]])),
  ];
}

function resetCommand(reset: () => void, answer: () => CborMap): CommandHandler {
  return {
    ...{ group: OS_GROUP, id: OS_COMMAND.reset, op: OP.write, busyMs: 0 },
    run: () => {
      reset();
      return answer();
    },
  };
}

function imageList({ slots }: BootloaderOptions, withFlags: boolean): CborMap {
  const images = [PRIMARY, SECONDARY].flatMap((slot) => {
    const image = slots.image(slot as SlotNumber);
    if (image === undefined) return [];
    const isFirst = slot === PRIMARY;
    const { pending, isConfirmed } = slots;
    const flags = {
      bootable: true,
      pending: !isFirst && pending !== undefined,
      confirmed: isFirst ? isConfirmed : !isConfirmed,
      active: isFirst,
      permanent: !isFirst && pending === 'permanent',
    };
    const { version, hash } = image;
    return [named({ slot, version, hash, ...(withFlags ? flags : {}) })];
  });
  return new Map([['images', images]]);
}

function setState({ slots }: BootloaderOptions, hash: Uint8Array | undefined, confirm: boolean): void {
  const isOf = (slot: SlotNumber): boolean => {
    const found = slots.image(slot)?.hash;
    return found !== undefined && hash !== undefined && equalBytes(found, hash);
  };
  if (hash === undefined ? confirm : isOf(PRIMARY)) {
    if (!confirm) throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.invalidHash);
    slots.confirm();
  } else if (isOf(SECONDARY)) {
    if (!slots.isConfirmed) throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.noFreeSlot);
    slots.markPending(confirm);
  } else throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.noImage);
}

function aboutBootloader({ slots, keys }: BootloaderOptions, query: CborValue | undefined): CborMap {
  if (query === undefined) return new Map([['bootloader', 'MCUboot']]);
  if (query === 'mode') return new Map([['mode', 1]]);
  if (query === BOOTLOADER_QUERY.securityCounter) return new Map([[query, slots.securityCounter]]);
  if (query === BOOTLOADER_QUERY.keys) return new Map([[query, keys.map((key) => keyHash(key))]]);
  throw new GroupRefusal(OS_GROUP, NO_ANSWER);
}

/** Takes the pieces of an image, in order: what is not the next one is answered with the offset of that. */
function receiver(
  machine: ImageCommandOptions,
  slot: SlotNumber,
): { readonly run: (body: CborMap) => CborMap; readonly busyMs: () => number } {
  const { timing, bootloader } = machine;
  const { slots } = bootloader;
  let upload: Upload | undefined;
  let start = machine.starts;
  let spentMs = 0;
  const begin = (body: CborMap): Upload => {
    const length = body.get('len');
    if (typeof length !== 'number') throw new CborError('cbor/shape', 'image upload: no length');
    if (length < 1 || length > slots.capacity) throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.invalidLength);
    slots.erase(slot);
    spentMs += timing.eraseMs * slots.sectors;
    return { length, sha: bytesIn(body, 'sha'), offset: 0 };
  };
  return {
    busyMs: () => spentMs,
    run: (body) => {
      spentMs = 0;
      if (start !== machine.starts) upload = undefined;
      start = machine.starts;
      const offset = body.get('off');
      const data = bytesIn(body, 'data');
      if (typeof offset !== 'number' || data === undefined)
        throw new CborError('cbor/shape', 'image upload: no offset or no data');
      if (offset === 0) {
        const sha = bytesIn(body, 'sha');
        const isKnown = sha !== undefined && upload?.sha !== undefined && equalBytes(sha, upload.sha);
        if (isKnown && upload !== undefined && upload.offset > 0) return new Map([['off', upload.offset]]);
        upload = begin(body);
      }
      if (upload?.offset !== offset) return new Map([['off', upload?.offset ?? 0]]);
      if (offset + data.length > upload.length) throw new GroupRefusal(IMAGE_GROUP, IMAGE_RC.invalidOffset);
      slots.write(slot, offset, data);
      spentMs += (timing.writeMs * data.length) / 1_024;
      upload.offset += data.length;
      const answer: CborMap = new Map([['off', upload.offset]]);
      if (upload.offset === upload.length) upload = undefined;
      return answer;
    },
  };
}

function bytesIn(body: CborMap, name: string): Uint8Array | undefined {
  const value = body.get(name);
  return value instanceof Uint8Array ? value : undefined;
}

/** Sectors of a slot that holds so many bytes beside its marks. */
export function sectorsFor(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES) + 1;
}
