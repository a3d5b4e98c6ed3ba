/** What a device is made of: who it is at its site, its flash, its clock, and what its hardware came with. */
import type { AuthenticationKey, HardwareRole, PublicKey, Record, Role, Timers } from '@timeband/protocol';
import type { DeviceEvent } from './device-event.js';
import type { NorFlash } from './flash.js';

export const FIRMWARE = 'sim-1.0.0';
export const HARDWARE = 'simulated-reader';

export interface DeviceOptions {
  readonly site: string;
  readonly id: string;
  /** One that signs, or one that the device shares with its site's gateways. */
  readonly key: AuthenticationKey;
  /** The device's own, by its site's issuer. */
  readonly certificate: Uint8Array;
  readonly hardware?: string;
  /** What runs on it, asked at every start. */
  readonly firmware?: () => string;
  /** Who may have a session with it beside gateways and technicians. */
  readonly peers?: readonly Role[];
  readonly issuer: PublicKey;
  readonly flash: NorFlash;
  readonly timers: Timers;
  /** Unix seconds that the real-time clock shows at first; unset without. */
  readonly wall?: number | undefined;
  readonly encodeRecord?: (record: Record) => Uint8Array;
  /** Identity resolving key of a band, where nothing says how it came to its site. */
  readonly irk?: Uint8Array | undefined;
  /** How it came to its site; without it, as a device that has always been there. */
  readonly origin?: Origin | undefined;
  readonly observe?: (event: DeviceEvent) => void;
}

/** What the hardware is, beside who it is at its site (SPEC.md, Provisioning). */
export interface Origin {
  readonly serial: string;
  readonly role: HardwareRole;
  /** COSE algorithms that it can use. */
  readonly algorithms: readonly number[];
  readonly grant: Uint8Array;
  /** Identity resolving key of a band, 16 bytes. */
  readonly irk: Uint8Array | undefined;
  /** Forgets everything once the answer is sent. @throws PowerCut */
  readonly forget: () => void;
}
