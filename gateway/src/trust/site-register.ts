/**
 * The site's register, as a technician brought it: which devices were given to the site, by which keys they are known, and which
 * keys count no more (SPEC.md, Register).
 */
import { existsSync, writeFileSync } from 'node:fs';
import { DeviceKey, readRegister, type Register, RegisterError, type TrustStore } from '@timeband/protocol';
import { BRING_IT, ConfigError, readSecret, replaceSecret } from '../config/index.js';

export interface RegisterFiles {
  /** Where it is kept; holds secrets of devices. */
  readonly register: string;
  /** The revocation list in it, for {@link Policies} to find. */
  readonly registerPolicy: string;
}

export interface RegisterSite {
  readonly site: string;
  readonly trust: TrustStore;
}

/** What the gateway goes by. */
export class SiteRegister {
  private constructor(private readonly register: Register | undefined) {}

  /** Reads and verifies what was imported; empty when nothing was. @throws ConfigError */
  static load({ register }: RegisterFiles, site: RegisterSite): SiteRegister {
    if (!existsSync(register)) return new SiteRegister(undefined);
    return new SiteRegister(parse(register, readSecret(register, BRING_IT), site));
  }

  /** Devices that belong to the site by it. */
  get size(): number {
    return this.devices.filter(({ state }) => state === 'issued').length;
  }

  /** Identity resolving keys of bands. */
  get bandKeys(): readonly { readonly device: string; readonly irk: Uint8Array }[] {
    const byDevice = new Map<string, Uint8Array>();
    for (const { entry, state } of this.devices) {
      if (entry.what === 'issued' && state === 'issued' && entry.irk !== undefined) {
        byDevice.set(entry.device, entry.irk);
      }
    }
    return Array.from(byDevice, ([device, irk]) => ({ device, irk }));
  }

  /** Of devices that only MAC; also of those that were taken back, whose records are still verified. */
  deviceKeys(site: string): readonly DeviceKey[] {
    return this.devices.flatMap(({ entry }) =>
      entry.deviceKey === undefined ? [] : [new DeviceKey(site, entry.device, entry.deviceKey)],
    );
  }

  /** Certificates of devices and operators. */
  get certificates(): readonly Uint8Array[] {
    const people = [...(this.register?.certificates ?? [])].map(({ bytes }) => bytes);
    return [...people, ...this.devices.map(({ entry }) => entry.certificate)];
  }

  private get devices() {
    return [...(this.register?.standings ?? [])];
  }
}

export interface Imported {
  /** Entries in all, and how many of them are new. */
  readonly entries: number;
  readonly added: number;
  readonly devices: number;
  /** The list of revoked keys changed. */
  readonly revocations: boolean;
}

/**
 * Takes a register, or the same one grown: it has to go on from what was imported before. Importing it again changes nothing.
 * @throws ConfigError
 */
export function importRegister(file: string, files: RegisterFiles, site: RegisterSite): Imported {
  const text = readSecret(file, 'Bring it here first.');
  const next = parse(file, text, site);
  const before = existsSync(files.register)
    ? parse(files.register, readSecret(files.register, BRING_IT), site)
    : undefined;
  const known = before?.entries.length ?? 0;
  if (known > 0 && !continues(text, readSecret(files.register, BRING_IT), known, next)) {
    throw new ConfigError(
      `${file} does not go on from the register that was imported before (${known} entries). Is it an older copy, or another one?`,
    );
  }
  const policy = next.revocationPolicy;
  const revocations = policy !== undefined && !sameBytes(policy, before?.revocationPolicy);
  if (next.entries.length > known) replaceSecret(files.register, wholeLines(text));
  // Written whenever there is one: a loss of power may have come between the two files.
  if (policy !== undefined) writeFileSync(files.registerPolicy, policy);
  const devices = [...next.standings].filter(({ state }) => state === 'issued').length;
  return { entries: next.entries.length, added: next.entries.length - known, devices, revocations };
}

/** The lines that were imported before are the first of these: entries are chained, so that is the same story. */
function continues(text: string, earlier: string, known: number, next: Register): boolean {
  return next.entries.length >= known && text.startsWith(wholeLines(earlier));
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.from(a).equals(b);
}

function parse(file: string, text: string, site: RegisterSite): Register {
  try {
    return readRegister(text, site).register;
  } catch (error) {
    if (!(error instanceof RegisterError)) throw error;
    throw new ConfigError(`${file} does not hold: ${error.message} (${error.code})`);
  }
}
