/**
 * What makes a piece of hardware a site's device, in a part of flash of its own: its key, and the grant by which it belongs
 * (SPEC.md, Provisioning). One write counts at a time, so a loss of power leaves the state before or the one after.
 */
import { ALG, decodeStrict, encode, entries, Fields, type SignatureAlgorithm } from '@timeband/protocol';
import { AREA_SECTORS, DocumentArea, type DocumentPlace } from '../firmware/document-area.js';
import { FlashPage, PAGE_SECTORS } from '../firmware/flash-page.js';
import { NorFlash } from '../firmware/flash.js';

const SECRET_BYTES = 32;
const IRK_BYTES = 16;

interface Held {
  readonly key?: { readonly algorithm: SignatureAlgorithm; readonly secret: Uint8Array };
  /** Identity resolving key of a band. */
  readonly irk?: Uint8Array;
  /** Where the grant stands. */
  readonly place?: DocumentPlace;
  /** What came with the grant was logged and taken. */
  readonly begun: boolean;
  /** It is to forget everything, and has not finished. */
  readonly wiping: boolean;
}

const NOTHING: Held = { begun: false, wiping: false };

export class KeyStore {
  private readonly page: FlashPage<Held>;
  private readonly area: DocumentArea;

  constructor(readonly flash: NorFlash = new NorFlash(PAGE_SECTORS + AREA_SECTORS)) {
    this.area = new DocumentArea(flash, PAGE_SECTORS);
    this.page = new FlashPage<Held>(flash, 0, { encode: encodeHeld, decode: decodeHeld });
  }

  get key(): Held['key'] {
    return this.held.key;
  }

  get irk(): Uint8Array | undefined {
    return this.held.irk;
  }

  get grant(): Uint8Array | undefined {
    const { place } = this.held;
    return place && this.area.read(place);
  }

  get begun(): boolean {
    return this.held.begun;
  }

  get wiping(): boolean {
    return this.held.wiping;
  }

  /** @throws PowerCut */
  keep(changes: Partial<Pick<Held, 'key' | 'irk' | 'begun'>>): void {
    this.page.write({ ...this.held, ...changes });
  }

  /** @throws PowerCut */
  keepGrant(bytes: Uint8Array): void {
    // The page is written last: until then there is no grant.
    this.page.write({ ...this.held, place: this.area.write(bytes, this.held.place) });
  }

  /** From now on nothing is left to go back to. @throws PowerCut */
  beginWipe(): void {
    this.page.write({ ...this.held, wiping: true });
  }

  /** The rest is forgotten already. @throws PowerCut */
  endWipe(): void {
    this.page.write(NOTHING);
  }

  private get held(): Held {
    return this.page.content ?? NOTHING;
  }
}

function encodeHeld(counter: number, { key, irk, place, begun, wiping }: Held): Uint8Array {
  return encode(
    entries(
      [1, counter],
      [2, key?.algorithm],
      [3, key?.secret],
      [4, irk],
      [5, place?.copy],
      [6, place?.length],
      [7, begun],
      [8, wiping],
    ),
  );
}

function decodeHeld(bytes: Uint8Array): { counter: number; content: Held } {
  const f = Fields.of(decodeStrict(bytes), 'key store');
  const irk = f.optionalBytes(4, IRK_BYTES);
  return {
    counter: f.uint(1),
    content: {
      ...(f.has(2) && {
        key: {
          algorithm: f.int(2) === ALG.ES256 ? ALG.ES256 : ALG.EdDSA,
          secret: f.bytes(3, SECRET_BYTES),
        },
      }),
      ...(irk !== undefined && { irk }),
      ...(f.has(5) && { place: { copy: f.uint(5), length: f.uint(6) } }),
      begun: f.get(7) === true,
      wiping: f.get(8) === true,
    },
  };
}
