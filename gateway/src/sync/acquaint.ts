/**
 * Bands that a record names and this gateway has not met: a device that met one keeps its certificate, so that a visit
 * counts whichever of its two bands comes to a gateway first (SPEC.md, Visit, Commands).
 */
import {
  call,
  COMMAND,
  REFUSAL,
  type ReceivedRecord,
  type SmpClient,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import { type Bands, speakersOf } from '../verify/index.js';
import { isRefusal } from './own-word.js';

/** Keys that are asked for in one go; a record names two at most. */
const MOST = 64;

export class Strangers {
  private readonly kids = new Map<string, Uint8Array>();

  constructor(private readonly bands: Pick<Bands, 'knows' | 'meet'>) {}

  /** Somebody is to be asked for. */
  get areWaiting(): boolean {
    return this.kids.size > 0;
  }

  /** Notes whose word stands in a record. */
  note({ record }: ReceivedRecord): void {
    if (record instanceof TimebandError) return;
    for (const kid of speakersOf(record)) {
      if (this.kids.size < MOST && !this.bands.knows(kid)) this.kids.set(toHex(kid), kid);
    }
  }

  /**
   * Asks for one of them. Where the device has no certificate of that key, the record stays without proof.
   * @throws SmpError, LinkError, CertificateError, CborError
   */
  async meetOne(client: SmpClient): Promise<void> {
    const [kid] = this.kids.values();
    if (kid === undefined) return;
    this.kids.delete(toHex(kid));
    try {
      this.bands.meet(await call(client, COMMAND.certificate, kid));
    } catch (error) {
      if (!isRefusal(error, REFUSAL.notAvailable)) throw error;
    }
  }
}
