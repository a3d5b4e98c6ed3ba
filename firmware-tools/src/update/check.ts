/** Whether an image is right for a device, before a byte of it is sent. */
import {
  BOOTLOADER_QUERY,
  bootloaderRequest,
  type CborValue,
  equalBytes,
  type Identity,
  type ImageState,
  type SmpClient,
  SmpError,
} from '@timeband/protocol';
import {
  compareVersions,
  formatVersion,
  hardwareOf,
  type Image,
  ImageError,
  type ImageKey,
  parseVersion,
  verifyImage,
} from '../image/index.js';
import { UpdateError } from './errors.js';

export interface CheckOptions {
  /** Keys of which one has to have signed it. Without any, the device is asked whom its bootloader believes. */
  readonly keys?: readonly ImageKey[] | undefined;
  /** Send it though nobody can say whether the bootloader will take it. */
  readonly uncheckedSignature?: boolean | undefined;
  /** Send it though it does not say which hardware it is for, or names another. */
  readonly anyHardware?: boolean | undefined;
  /** Send it though the device runs a newer one. */
  readonly anyVersion?: boolean | undefined;
}

/** What a device tells of its bootloader; each is undefined where it does not. */
export interface BootloaderFacts {
  readonly name: string | undefined;
  readonly securityCounter: number | undefined;
  /** SHA-256 of the keys that it believes; none where it asks for no signature. */
  readonly keys: readonly Uint8Array[] | undefined;
}

/** @throws SmpError `smp/timeout`, LinkError */
export async function askBootloader(client: SmpClient): Promise<BootloaderFacts> {
  const name = await ask(client);
  if (name === undefined) return { name: undefined, securityCounter: undefined, keys: undefined };
  const counter = await ask(client, BOOTLOADER_QUERY.securityCounter);
  const keys = await ask(client, BOOTLOADER_QUERY.keys);
  return {
    name: typeof name === 'string' ? name : '',
    securityCounter: typeof counter === 'number' ? counter : undefined,
    keys: Array.isArray(keys) ? keys.filter((key) => key instanceof Uint8Array) : undefined,
  };
}

async function ask(client: SmpClient, query?: string): Promise<CborValue | undefined> {
  try {
    const answer = await client.request(bootloaderRequest(query));
    return answer.get(query ?? 'bootloader');
  } catch (error) {
    // Whatever the refusal: it does not tell.
    if (error instanceof SmpError && error.code === 'smp/device') return undefined;
    throw error;
  }
}

/**
 * @returns what could not be checked, in words
 * @throws UpdateError `update/hardware`, `update/signature`, `update/version`, `update/security-counter`
 */
export function checkImage(
  image: Image,
  identity: Pick<Identity, 'hardware'> | undefined,
  facts: BootloaderFacts,
  states: readonly ImageState[],
  options: CheckOptions,
): string[] {
  return [
    ...checkHardware(image, identity?.hardware, options),
    ...checkSignature(image, facts, options),
    ...checkVersion(image, states, options),
    ...checkCounter(image, facts),
  ];
}

function checkHardware(
  image: Image,
  hardware: string | undefined,
  { anyHardware = false }: CheckOptions,
): string[] {
  const wanted = hardwareOf(image);
  if (hardware === undefined) return ['the device does not say which hardware it is'];
  if (wanted === hardware) return [];
  const what =
    wanted === undefined
      ? `the image does not say which hardware it is for (sign it with --hardware ${hardware})`
      : `the image is for ${wanted}, the device is ${hardware}`;
  if (!anyHardware) throw new UpdateError('update/hardware', what);
  return [what];
}

function checkSignature(
  image: Image,
  { keys: believed }: BootloaderFacts,
  { keys = [], uncheckedSignature = false }: CheckOptions,
): string[] {
  if (keys.length > 0) {
    const problems = keys.map((key) => problemOf(image, key));
    const [first] = problems;
    if (first !== undefined && !problems.includes(undefined))
      throw new UpdateError('update/signature', first.message);
  }
  if (believed !== undefined) {
    const { signature } = image;
    const isKnown =
      believed.length === 0 ||
      (signature !== undefined &&
        believed.some((key) => 'hash' in signature.signer && equalBytes(key, signature.signer.hash)));
    if (!isKnown && !uncheckedSignature)
      throw new UpdateError(
        'update/signature',
        signature === undefined
          ? 'the image is not signed, and the bootloader takes none such'
          : "the image was signed with a key that this device's bootloader does not believe",
      );
    if (isKnown && keys.length === 0) return ['its signature is left to the bootloader: no --key was given'];
  }
  if (keys.length > 0) return [];
  const what = 'nobody can say whether the bootloader will take the signature: give the public key';
  if (!uncheckedSignature) throw new UpdateError('update/signature', what);
  return [what];
}

function problemOf(image: Image, key: ImageKey): ImageError | undefined {
  try {
    verifyImage(image, key);
    return undefined;
  } catch (error) {
    if (error instanceof ImageError) return error;
    throw error;
  }
}

function checkVersion(
  { header, digest }: Image,
  states: readonly ImageState[],
  { anyVersion = false }: CheckOptions,
): string[] {
  const running = states.find(({ active }) => active);
  if (running === undefined || (running.hash !== undefined && equalBytes(running.hash, digest))) return [];
  const version = versionOf(running.version);
  if (version === undefined) return ['the device does not say which version it runs'];
  const difference = compareVersions(header.version, version);
  if (difference > 0) return [];
  const wanted = formatVersion(header.version);
  const what =
    difference === 0
      ? `the device runs another image of the same version, ${wanted}`
      : `the device runs ${running.version}, which is newer than ${wanted}`;
  if (!anyVersion) throw new UpdateError('update/version', what);
  return [what];
}

/** Devices write the build number behind a dot, files behind a plus. */
function versionOf(text: string) {
  try {
    return parseVersion(text.replace(/^(\d+\.\d+\.\d+)\./, '$1+'));
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

function checkCounter({ securityCounter }: Image, facts: BootloaderFacts): string[] {
  if (facts.securityCounter === undefined) return ['the device does not tell its security counter'];
  if ((securityCounter ?? 0) >= facts.securityCounter) return [];
  throw new UpdateError(
    'update/security-counter',
    `the image's security counter is ${securityCounter ?? 'missing'}, the device asks for ${facts.securityCounter} at least: its bootloader would not start it`,
  );
}
