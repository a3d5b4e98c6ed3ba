/** Devices that a command is meant for, whatever they are reached by. */
import type { Link } from '@timeband/protocol';

/** One device that may be there. Opening it again after its link was lost is as good as the first time. */
export interface Target {
  readonly transport: 'serial' | 'ble';
  /** What to call it: a port, or a band's name. */
  readonly name: string;
  /** Strangers can get at the link, so that nothing is told on it without a session (SPEC.md, Session). */
  readonly isUntrusted: boolean;
  /** dBm, where it was heard. */
  readonly rssi?: number | undefined;
  /** @throws LinkError `link/open` */
  readonly open: () => Promise<Link>;
}

/** What was found, and what has to be put away afterwards: a radio, a simulator. */
export interface Targets {
  readonly list: readonly Target[];
  /** Idempotent. */
  readonly close: () => Promise<void>;
}

/** A device that a command cannot have, and what to do about it. */
export class TargetError extends Error {
  override readonly name = 'TargetError';

  constructor(
    readonly code:
      /** Nothing of that name is there. */
      | 'target/not-found'
      /** It demands a session, and nobody gave a technician's key and certificate. */
      | 'target/session'
      /** The simulator cannot be started. */
      | 'target/simulator'
      /** The radio cannot be used. */
      | 'target/radio',
    message: string,
  ) {
    super(message);
  }
}
