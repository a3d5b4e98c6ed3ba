/** What a simulated device's bootloader believes, and the image that it comes with, from files. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type BootOptions, readSlotImage } from '../firmware/boot/index.js';
import { CommandFailure, EXIT } from './exit-codes.js';

export interface BootCliOptions {
  readonly bootKey?: readonly string[];
  readonly firmware?: string;
}

/** @throws CommandFailure saying what is the matter with a file */
export function readBoot({ bootKey = [], firmware }: BootCliOptions): BootOptions {
  return {
    keys: bootKey.map((file) => read(file, (bytes) => createPublicKey(Buffer.from(bytes)))),
    factory: firmware === undefined ? undefined : read(firmware, imageOnly),
  };
}

function read<T>(file: string, parse: (bytes: Uint8Array) => T): T {
  try {
    return parse(readFileSync(file));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT.notReachable, `cannot use ${file}: ${why}`);
  }
}

/** @throws Error when it is none */
function imageOnly(bytes: Uint8Array): Uint8Array {
  if (readSlotImage(bytes) === undefined) throw new Error('it is no whole MCUboot image');
  return bytes;
}
