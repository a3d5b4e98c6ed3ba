/**
 * Whether the story that the city was told is ours: the head that stands there, retained, has to be a beginning of our
 * log, or this box is a copy or an old backup and publishes nothing (SPEC.md, Event, Uplink).
 *
 * A head counts only under the signature of a key that the site's issuer certified for this gateway. So a hostile city
 * cannot stop us with an invented head. It can hide the true one, or show an old one of ours: then we go on, and whoever
 * keeps heads elsewhere still sees the fork, since both stories are signed. It can take our events and drop them, as any
 * city can. It cannot make us publish anything else than our log.
 */
import {
  type Certificate,
  decodeCose,
  equalBytes,
  TimebandError,
  toHex,
  type TreeHead,
  type TrustStore,
  verifyHead,
} from '@timeband/protocol';
import { UplinkFailure } from './failure.js';
import type { Story } from './story.js';

export interface StoryGuardOptions {
  /** Of this gateway. */
  readonly certificate: Certificate;
  /** Its certificates of earlier keys. */
  readonly earlier: readonly Uint8Array[];
  readonly trust: TrustStore;
  readonly story: Story;
  /** A head or certificate that counts for nothing, and why. */
  readonly ignored: (error: TimebandError) => void;
}

export class StoryGuard {
  private readonly certificates = new Map<string, Certificate>();

  constructor(private readonly options: StoryGuardOptions) {
    this.add(options.certificate);
    for (const bytes of options.earlier) this.certificate(bytes);
  }

  /** Takes the certificate that stands at the city: a head may be older than the last renewal, or newer than a backup. */
  certificate(bytes: Uint8Array): void {
    const { trust, certificate: own } = this.options;
    if (equalBytes(bytes, own.bytes)) return;
    this.sift(() => {
      const certificate = trust.verify(bytes, { roles: ['gateway'], site: own.site });
      if (certificate.subject === own.subject) this.add(certificate);
    });
  }

  /** @returns what a head from the city says, or nothing when it counts for nothing */
  open(bytes: Uint8Array): TreeHead | undefined {
    return this.sift(() => {
      const { kid } = decodeCose(bytes);
      return verifyHead(bytes, this.certificates.get(toHex(kid)) ?? this.options.certificate);
    });
  }

  /** @throws UplinkFailure `uplink/fork` when the head is not a beginning of our log; what the log throws */
  async compare(theirs: TreeHead): Promise<void> {
    const { story } = this.options;
    // An epoch begins by naming the heads of the one before, so what stands of that is an ancestor.
    if (theirs.epoch < story.epoch) return;
    const root = theirs.epoch === story.epoch ? await story.rootOf(theirs.size) : undefined;
    if (root !== undefined && equalBytes(root, theirs.root)) return;
    const ours = await story.newest();
    throw new UplinkFailure(
      'uplink/fork',
      `the city was told another story: its head is ${nameOf(theirs)}, ours is ${ours === undefined ? `none in epoch ${story.epoch}` : nameOf(ours.says)}`,
    );
  }

  private add(certificate: Certificate): void {
    this.certificates.set(toHex(certificate.kid), certificate);
  }

  private sift<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      this.options.ignored(error);
      return undefined;
    }
  }
}

function nameOf({ epoch, size, root }: TreeHead): string {
  return `event ${size} of epoch ${epoch} (root ${toHex(root).slice(0, 16)}…)`;
}
