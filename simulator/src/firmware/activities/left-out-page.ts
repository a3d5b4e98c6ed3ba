/**
 * Check-ins that feedback said prove nothing, since the first activity that is open: they are in the log like any other, so that
 * without this page a reader which starts anew would count them (SPEC.md, Activity).
 */
import { decodeStrict, encode, entries, Fields } from '@timeband/protocol';
import { FlashPage, PAGE_SECTORS } from '../flash-page.js';
import type { NorFlash } from '../flash.js';

export const LEFT_OUT_SECTORS = PAGE_SECTORS;

/** Records after the first that can be marked: a bit each, and all of it in one slot of flash. */
export const MOST_MARKS = 3_584;

export interface LeftOut {
  /** The log's first records are those of this epoch. */
  readonly epoch: number;
  /** Sequence number of the first bit. */
  readonly from: number;
  readonly marks: Uint8Array;
}

const NONE: LeftOut = { epoch: 0, from: 1, marks: new Uint8Array() };

export class LeftOutPage {
  private readonly page: FlashPage<LeftOut>;

  /** @param firstSector where in flash it stands */
  constructor(flash: NorFlash, firstSector: number) {
    this.page = new FlashPage<LeftOut>(flash, firstSector, {
      encode: (counter, { epoch, from, marks }) =>
        encode(entries([1, counter], [2, epoch], [3, from], [4, marks])),
      decode: (bytes) => {
        const fields = Fields.of(decodeStrict(bytes), 'left out');
        return {
          counter: fields.uint(1),
          content: { epoch: fields.uint(2), from: fields.uint(3), marks: fields.bytes(4) },
        };
      },
    });
  }

  /** Sequence numbers of an epoch. */
  read(epoch: number): Set<number> {
    const content = this.page.content ?? NONE;
    const { from, marks } = content;
    if (content.epoch !== epoch) return new Set();
    const marked = [...marks].flatMap((byte, i) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => from + i * 8 + bit),
    );
    return new Set(marked);
  }

  /** @param marked within {@link MOST_MARKS} of each other @throws PowerCut, after which what was there before stands */
  write(epoch: number, marked: ReadonlySet<number>): void {
    const from = Math.min(...marked);
    const marks = new Uint8Array(Math.ceil((Math.max(...marked) - from + 1) / 8));
    for (const seq of marked) {
      const at = seq - from;
      marks[at >> 3] = (marks[at >> 3] ?? 0) | (1 << (at & 7));
    }
    this.page.write({ epoch, from, marks });
  }
}
