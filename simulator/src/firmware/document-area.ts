/**
 * Room in flash for a document that is too long for a page: two copies, of which a page elsewhere says which one counts.
 * A power cut while one is written leaves the other (SPEC.md, Flash).
 */
import { MAX_PUT_BYTES } from '@timeband/protocol';
import { type NorFlash, SECTOR_BYTES } from './flash.js';

const COPY_SECTORS = Math.ceil(MAX_PUT_BYTES / SECTOR_BYTES);

/** Sectors of one area. */
export const AREA_SECTORS = 2 * COPY_SECTORS;

/** Which copy counts, and its length in bytes. */
export interface DocumentPlace {
  readonly copy: number;
  readonly length: number;
}

export class DocumentArea {
  /** @param firstSector where in flash the area stands */
  constructor(
    private readonly flash: NorFlash,
    private readonly firstSector: number,
  ) {}

  /** Writes into the copy that does not count. @returns the place that has to count from now on; @throws PowerCut */
  write(document: Uint8Array, counts: DocumentPlace | undefined): DocumentPlace {
    const copy = counts?.copy === 0 ? 1 : 0;
    const first = this.sectorOf(copy);
    for (let sector = 0; sector * SECTOR_BYTES < document.length; sector++) this.flash.erase(first + sector);
    this.flash.program(first * SECTOR_BYTES, document);
    return { copy, length: document.length };
  }

  read({ copy, length }: DocumentPlace): Uint8Array {
    const start = this.sectorOf(copy) * SECTOR_BYTES;
    return this.flash.bytes.slice(start, start + length);
  }

  private sectorOf(copy: number): number {
    return this.firstSector + copy * COPY_SECTORS;
  }
}
