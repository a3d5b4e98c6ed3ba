/**
 * Simulated NOR flash: programming only clears bits, erasing sets a whole sector, and the power can fail after
 * any byte. Everything a device must not forget lives here (SPEC.md, Flash).
 */

export const SECTOR_BYTES = 4_096;
const ERASED = 0xff;

/** The power failed in the middle of a write. Nothing works until {@link NorFlash.powerUp}. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';

  constructor() {
    super('the power failed while flash was being written');
  }
}

export class NorFlash {
  readonly bytes: Uint8Array;
  private bytesUntilCut = Infinity;

  constructor(readonly sectors: number) {
    this.bytes = new Uint8Array(sectors * SECTOR_BYTES).fill(ERASED);
  }

  /** Lets the power fail once `bytes` more bytes were programmed or erased. */
  cutAfter(bytes: number): void {
    this.bytesUntilCut = bytes;
  }

  powerUp(): void {
    this.bytesUntilCut = Infinity;
  }

  /** Clears the bits that are 0 in `data`. @throws PowerCut */
  program(at: number, data: Uint8Array): void {
    const count = Math.min(data.length, this.bytesUntilCut);
    for (let i = 0; i < count; i++) this.bytes[at + i] = (this.bytes[at + i] ?? 0) & (data[i] ?? 0);
    this.spend(data.length);
  }

  /** Sets every bit of a sector. @throws PowerCut */
  erase(sector: number): void {
    const start = sector * SECTOR_BYTES;
    this.bytes.fill(ERASED, start, start + Math.min(SECTOR_BYTES, this.bytesUntilCut));
    this.spend(SECTOR_BYTES);
  }

  isErased(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (this.bytes[at] !== ERASED) return false;
    return true;
  }

  /** A copy of the whole contents. */
  image(): Uint8Array {
    return this.bytes.slice();
  }

  /** Replaces the whole contents by an image of the same size. */
  restore(image: Uint8Array): void {
    this.bytes.set(image);
  }

  private spend(bytes: number): void {
    if (bytes > this.bytesUntilCut) {
      this.bytesUntilCut = 0;
      throw new PowerCut();
    }
    this.bytesUntilCut -= bytes;
  }
}
