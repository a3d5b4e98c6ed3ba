/**
 * What a device must not forget of whom it believes: before when it cannot be, how far policy has come, and the
 * documents that say who is believed no longer and who beside its issuer (SPEC.md, What a device keeps).
 */
import {
  type CborValue,
  decodeStrict,
  encode,
  encodeMarks,
  entries,
  Fields,
  type PolicyDocument,
  type PolicyMark,
  type PolicyType,
  readMarks,
} from '@timeband/protocol';
import { AREA_SECTORS, DocumentArea, type DocumentPlace } from './document-area.js';
import { FlashPage, PAGE_SECTORS } from './flash-page.js';
import type { NorFlash } from './flash.js';

/** Gateways' clocks differ a little, and a clock may be set back a little. */
const SLACK_SECONDS = 120;

/** Of each type one, and one of an issuer that came after. */
export const MAX_MARKS = 6;

/** Without these a restart would undo a revocation, or lock out a new issuer's gateways. */
const KEPT_TYPES = ['revocations', 'keys'] as const;
type KeptType = (typeof KEPT_TYPES)[number];

/** Sectors of the page and of the documents behind it. */
export const TRUST_SECTORS = PAGE_SECTORS + KEPT_TYPES.length * AREA_SECTORS;

interface Trust {
  readonly timeFloor: number;
  readonly marks: readonly PolicyMark[];
  readonly places: Readonly<Partial<Record<KeptType, DocumentPlace>>>;
}

const NOTHING: Trust = { timeFloor: 0, marks: [], places: {} };

export class TrustPage {
  private readonly page: FlashPage<Trust>;
  private readonly areas: Readonly<Record<KeptType, DocumentArea>>;

  /** @param firstSector where in flash it stands */
  constructor(flash: NorFlash, firstSector = PAGE_SECTORS) {
    this.page = new FlashPage<Trust>(flash, firstSector, {
      encode: (counter, { timeFloor, marks, places }) =>
        encode(
          entries(
            [1, counter],
            [2, timeFloor],
            [3, encodeMarks(marks)],
            [4, encodePlace(places.revocations)],
            [5, encodePlace(places.keys)],
          ),
        ),
      decode: (bytes) => {
        const fields = Fields.of(decodeStrict(bytes), 'trust');
        return {
          counter: fields.uint(1),
          content: {
            timeFloor: fields.uint(2),
            marks: readMarks(fields.get(3)),
            places: { ...readPlace(fields, 'revocations', 4), ...readPlace(fields, 'keys', 5) },
          },
        };
      },
    });
    const areaAt = (index: number): DocumentArea =>
      new DocumentArea(flash, firstSector + PAGE_SECTORS + index * AREA_SECTORS);
    this.areas = { revocations: areaAt(0), keys: areaAt(1) };
  }

  private get trust(): Trust {
    return this.page.content ?? NOTHING;
  }

  /** Unix seconds before which it cannot be. */
  get timeFloor(): number {
    return this.trust.timeFloor;
  }

  get marks(): readonly PolicyMark[] {
    return this.trust.marks;
  }

  /** The documents that were kept, as they came. */
  get documents(): readonly Uint8Array[] {
    return KEPT_TYPES.flatMap((type) => {
      const place = this.trust.places[type];
      return place === undefined ? [] : [this.areas[type].read(place)];
    });
  }

  /** A certificate that verified was issued then. @throws PowerCut */
  issuedAt(notBefore: number): void {
    if (notBefore > this.timeFloor) this.page.write({ ...this.trust, timeFloor: notBefore });
  }

  /** A gateway gave this time. @throws PowerCut */
  given(wall: number): void {
    this.issuedAt(wall - SLACK_SECONDS);
  }

  /** Keeps how far policy has come, and the newest document where it is one to keep. @throws PowerCut */
  keep(marks: readonly PolicyMark[], { content, bytes }: Pick<PolicyDocument, 'content' | 'bytes'>): void {
    const { places } = this.trust;
    const { type } = content;
    // The page is written last: until then the document before it counts.
    const kept = isKept(type) ? { [type]: this.areas[type].write(bytes, places[type]) } : {};
    this.page.write({ ...this.trust, marks, places: { ...places, ...kept } });
  }
}

function isKept(type: PolicyType): type is KeptType {
  return (KEPT_TYPES as readonly PolicyType[]).includes(type);
}

function encodePlace(place: DocumentPlace | undefined): CborValue | undefined {
  return place && [place.copy, place.length];
}

function readPlace(fields: Fields, type: KeptType, key: number): Trust['places'] {
  if (!fields.has(key)) return {};
  const [copy, length] = fields.array(key);
  return typeof copy === 'number' && typeof length === 'number' ? { [type]: { copy, length } } : {};
}
