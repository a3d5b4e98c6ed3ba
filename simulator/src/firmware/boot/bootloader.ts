/** What MCUboot does between power-on and the firmware's first instruction: finish, begin or undo a swap, and check what runs. */
import type { KeyObject } from 'node:crypto';
import { equalBytes } from '@timeband/protocol';
import { type ImageSlots, PRIMARY, SECONDARY, type SlotNumber } from './slots.js';
import type { SlotImage } from './image.js';

export interface BootloaderOptions {
  readonly slots: ImageSlots;
  /** Whose images it takes; without any it asks for no signature. */
  readonly keys: readonly KeyObject[];
  readonly hardware: string;
  /** Hash of the image that the factory burned in, which nobody signed. */
  readonly factory: Uint8Array;
}

export type BootResult =
  | { readonly runs: 'firmware'; readonly image: SlotImage; readonly swapped: boolean }
  /** There is nothing that may run. */
  | { readonly runs: 'nothing' };

/** @throws PowerCut, after which it is to be called again */
export function startUp(options: BootloaderOptions): BootResult {
  const { slots } = options;
  const swap = slots.unfinishedSwap ?? wantedSwap(options);
  if (swap !== undefined) slots.swap(swap);
  const image = acceptable(options, PRIMARY);
  if (image === undefined) return { runs: 'nothing' };
  if (slots.isConfirmed) slots.raiseSecurityCounter(image.securityCounter);
  return { runs: 'firmware', image, swapped: swap !== undefined };
}

function wantedSwap(options: BootloaderOptions): 'test' | 'permanent' | 'revert' | undefined {
  const { slots } = options;
  const { pending } = slots;
  if (pending === undefined) return slots.isToBeReverted ? 'revert' : undefined;
  if (acceptable(options, SECONDARY) !== undefined) return pending;
  slots.forgetPending();
  return undefined;
}

/** The image of a slot, if it may run here. */
export function acceptable(
  { slots, keys, hardware, factory }: BootloaderOptions,
  slot: SlotNumber,
): SlotImage | undefined {
  const image = slots.image(slot);
  if (image === undefined) return undefined;
  if (equalBytes(image.hash, factory)) return image;
  const isFit =
    (keys.length === 0 || image.isAuthentic(keys)) &&
    (image.hardware === undefined || image.hardware === hardware) &&
    image.securityCounter >= slots.securityCounter;
  return isFit ? image : undefined;
}
