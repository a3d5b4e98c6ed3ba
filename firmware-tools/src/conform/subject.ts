/** What is examined, and what the bench it stands on can do to it. */
import type { Link, PrivateKey } from '@timeband/protocol';

export interface Issuer {
  readonly key: PrivateKey;
  /** Its id, as certificates name it. */
  readonly name: string;
  readonly site: string;
}

export interface Subject {
  /** What to call it: a port, or a band's name. */
  readonly name: string;
  /** Opening it again after it was closed is as good as the first time. @throws LinkError `link/open` */
  readonly open: () => Promise<Link>;
  /**
   * Its site's issuer, so that it can be met as gateways of that site, and as others that are none. Of a site that was
   * made for trying: the device's clock, policy and acks are changed.
   */
  readonly issuer?: Issuer | undefined;
  /** Takes its power and gives it back; without, a device that has SMP's `reset` is restarted by that. */
  readonly cyclePower?: (() => Promise<void>) | undefined;
}
