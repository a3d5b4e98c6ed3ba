/**
 * Sends an image to a device, several pieces under way at once. The device says at which offset it goes on, and the sender
 * obeys: it writes pieces in order, so that a lost one shows in the answer to the next (Zephyr, SMP group 1, image upload).
 */
import { type CborMap, encode } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { SmpError, TimebandError } from '../errors.js';
import type { SmpClient, SmpRequest } from './client.js';
import { HEADER_BYTES } from './header.js';
import { IMAGE_COMMAND, IMAGE_GROUP } from './image-group.js';
import { named } from './named.js';
import { RC } from './os-group.js';

export interface ImageUploadOptions {
  /** Longest packet that the device takes, header included. */
  readonly packetBytes: number;
  /** Pieces under way at once. */
  readonly window: number;
  /** Which image, on devices with several. */
  readonly image?: number | undefined;
  /** Milliseconds for the first piece, before which a device erases the slot. */
  readonly eraseMs?: number;
  /** Milliseconds for every other piece. */
  readonly pieceMs?: number;
  /** Bytes that the device has, each time that it says so. */
  readonly progress?: (offset: number) => void;
}

export interface ImageUploadResult {
  /**
   * The device has said that it holds all of it. Otherwise its last answer was lost, and it has forgotten the upload since:
   * the state of its images tells.
   */
  readonly complete: boolean;
  /** Whether it found the whole file's SHA-256 right, where it looks. */
  readonly match: boolean | undefined;
}

/** It is repeated, so that one that was lost does not cost the whole time. */
const ERASE_MS = 15_000;
const MAX_BEGINNINGS = 4;
const PIECE_MS = 3_000;
/** Pieces are whole multiples of what any flash is written in, or devices would leave a rest behind. */
const PIECE_ALIGN = 32;
/** A byte string of up to 65,535 bytes has two bytes more of head than an empty one. */
const DATA_HEAD_GROWTH = 2;
/** How often it may be sent back, or wait in vain, without getting further. */
const MAX_STALLS = 8;

interface Piece {
  readonly offset: number;
  readonly end: number;
  readonly epoch: number;
}

/**
 * @throws SmpError `smp/device` (the device refuses), `smp/timeout`, `smp/answer` (it gets nowhere, or answers nonsense);
 *   LinkError; RangeError when not even one piece fits a packet
 */
export function uploadImage(
  client: SmpClient,
  file: Uint8Array,
  options: ImageUploadOptions,
): Promise<ImageUploadResult> {
  return new Upload(client, file, options).run();
}

class Upload {
  private readonly sha: Uint8Array;
  /** Where the next piece begins. */
  private next = 0;
  /** What the device said that it has. */
  private held = 0;
  private furthest = 0;
  private underWay = 0;
  /** Counts how often the device sent us back: answers to what was sent before that say nothing new. */
  private epoch = 0;
  private stalls = 0;
  private isBeginning = false;
  private beginnings = 0;
  private settle:
    { resolve: (result: ImageUploadResult) => void; reject: (error: Error) => void } | undefined;

  constructor(
    private readonly client: SmpClient,
    private readonly file: Uint8Array,
    private readonly options: ImageUploadOptions,
  ) {
    this.sha = sha256(file);
  }

  run(): Promise<ImageUploadResult> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.begin();
    });
  }

  /** The first piece goes alone: the device erases, or says how much it has of this very file. */
  private begin(): void {
    this.isBeginning = true;
    this.send({ offset: 0, end: this.endOf(0), epoch: ++this.epoch });
  }

  private fill(): void {
    while (
      this.settle !== undefined &&
      !this.isBeginning &&
      this.underWay < this.options.window &&
      this.next < this.file.length
    ) {
      const piece = { offset: this.next, end: this.endOf(this.next), epoch: this.epoch };
      this.next = piece.end;
      this.send(piece);
    }
  }

  private send(piece: Piece): void {
    this.underWay++;
    void this.client
      .request(this.request(piece.offset, this.file.subarray(piece.offset, piece.end)))
      .then(
        (answer) => {
          this.underWay--;
          this.answered(piece, answer);
        },
        (error: unknown) => {
          this.underWay--;
          this.failed(piece, error);
        },
      )
      .catch((error: unknown) => {
        this.end(error as Error);
      });
  }

  private answered(piece: Piece, answer: CborMap): void {
    const offset = answer.get('off');
    if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < 0 || offset > this.file.length)
      throw new SmpError('smp/answer', 'image upload: no offset within the image', {
        request: 'image upload',
      });
    if (piece.epoch !== this.epoch) {
      this.fill();
      return;
    }
    if (offset > this.furthest) {
      this.furthest = offset;
      this.stalls = 0;
    }
    this.held = offset;
    this.options.progress?.(offset);
    if (offset === this.file.length) {
      const match = answer.get('match');
      this.end({ complete: true, match: typeof match === 'boolean' ? match : undefined });
    } else if (this.isBeginning) {
      this.isBeginning = false;
      if (offset === 0) this.stalled('the device does not take the beginning');
      this.goOnAt(offset);
    } else if (offset === piece.end) {
      this.fill();
    } else if (offset === 0 && piece.end === this.file.length) {
      this.end({ complete: false, match: undefined });
    } else {
      if (offset <= piece.offset) this.stalled('the device does not get further');
      this.goOnAt(offset);
    }
  }

  private failed({ epoch }: Piece, error: unknown): void {
    if (this.settle === undefined) return;
    const isLost = error instanceof SmpError && error.code === 'smp/timeout';
    const isBusy = error instanceof SmpError && error.code === 'smp/device' && error.rc === RC.busy;
    if (!isLost && !isBusy) throw error;
    if (epoch === this.epoch) {
      if (++this.stalls > MAX_STALLS || (this.isBeginning && ++this.beginnings >= MAX_BEGINNINGS))
        throw error;
      this.goOnAt(this.isBeginning ? 0 : this.held);
    } else this.fill();
  }

  private goOnAt(offset: number): void {
    this.next = offset;
    if (offset === 0) this.begin();
    else {
      this.epoch++;
      this.fill();
    }
  }

  /** @throws SmpError `smp/answer` the time that is one too many */
  private stalled(why: string): void {
    if (++this.stalls > MAX_STALLS)
      throw new SmpError('smp/answer', `image upload: ${why}`, { request: 'image upload' });
  }

  private end(result: ImageUploadResult | Error): void {
    const { settle } = this;
    this.settle = undefined;
    if (result instanceof Error) settle?.reject(result);
    else settle?.resolve(result);
  }

  private endOf(offset: number): number {
    const room =
      this.options.packetBytes -
      HEADER_BYTES -
      encode(this.request(offset, new Uint8Array()).body).length -
      DATA_HEAD_GROWTH;
    if (room < 1)
      throw new RangeError(`a packet of ${this.options.packetBytes} bytes holds no piece of an image`);
    return Math.min(this.file.length, offset + (room < PIECE_ALIGN ? room : room - (room % PIECE_ALIGN)));
  }

  private request(offset: number, data: Uint8Array): SmpRequest {
    const { image, eraseMs = ERASE_MS, pieceMs = PIECE_MS } = this.options;
    const first = offset === 0 ? { len: this.file.length, sha: this.sha, image } : {};
    const body = named({ off: offset, data, ...first });
    return {
      ...{ op: 'write', group: IMAGE_GROUP, id: IMAGE_COMMAND.upload, body, name: 'image upload' },
      // Repeating is the upload's own business, which knows where to go on.
      ...{ idempotent: false, timeoutMs: offset === 0 ? eraseMs : pieceMs },
    };
  }
}

/** Whether an error ended a conversation that can be taken up again: the link, not the device, is the matter. */
export function isBreak(error: unknown): boolean {
  if (!(error instanceof TimebandError)) return false;
  return error.code === 'link/closed' || error.code === 'link/open' || error.code === 'smp/timeout';
}
