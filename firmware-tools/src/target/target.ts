/** Devices that a command is meant for, whatever they are reached by. */
import type { Link, PrivateKey, SessionPeer, SmpClient } from '@timeband/protocol';

/** One device that may be there. Opening it again after its link was lost is as good as the first time. */
export interface Target {
  readonly transport: 'serial' | 'ble';
  /** What to call it: a port, or a band's name. */
  readonly name: string;
  /**
   * Strangers can get at the link, so that nothing is told on it without a session (SPEC.md, Session). On the radio it is known
   * once it is open, since a band from the factory has nothing to hide.
   */
  readonly isUntrusted: boolean;
  /** dBm, where it was heard. */
  readonly rssi?: number | undefined;
  /** What it said of itself before anybody asked: an advert. `battery` in per cent. */
  readonly said?: { readonly battery: number; readonly waiting: number } | undefined;
  /** Its id, where it is known before it is opened. */
  readonly device?: string | undefined;
  /** @throws LinkError `link/open` */
  readonly open: () => Promise<Link>;
  /** Called with the device once it is open: a chance to learn how to find it again. */
  readonly opened?: (device: {
    readonly client: SmpClient;
    readonly peer: SessionPeer | undefined;
  }) => Promise<void>;
}

/** What was found, and what has to be put away afterwards: a radio, a simulator. */
export interface Targets {
  readonly list: readonly Target[];
  /** The issuer of a site that was made up for them: whom simulated devices believe. */
  readonly issuer?: { readonly key: PrivateKey; readonly name: string; readonly site: string } | undefined;
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
