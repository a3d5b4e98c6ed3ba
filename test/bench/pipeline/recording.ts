/**
 * Readers' logs made beforehand, so that making them costs nothing while the pipeline is timed. A file a reader:
 * its records as CBOR byte strings one after the other; beside it the chain's hash at every seal.
 */
import { closeSync, openSync, readSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { chainHash, encode, encodeRecord, genesisHash, HASH_BYTES, logIdOf } from '@timeband/protocol';
import { sampleRecord } from '../samples.js';
import { SITE } from '../site.js';

/** Records under one seal, and in one answer: two answers make a seal. */
export const SEAL_RECORDS = 50;
export const PAGE_RECORDS = 25;

export interface LogOwner {
  readonly device: string;
  readonly thumbprint: Uint8Array;
}

const paths = (dir: string, device: string) => ({
  records: join(dir, `${device}.records`),
  hashes: join(dir, `${device}.hashes`),
});

const genesisOf = ({ device, thumbprint }: LogOwner): Uint8Array =>
  genesisHash({ site: SITE, device, thumbprint, epoch: 1 });

/** Writes the log of one reader. `count` is a multiple of {@link SEAL_RECORDS}. */
export function writeRecording(dir: string, owner: LogOwner, count: number): void {
  const { records, hashes } = paths(dir, owner.device);
  const file = openSync(records, 'w');
  const marks: Uint8Array[] = [];
  let hash = genesisOf(owner);
  marks.push(hash);
  let chunk: Uint8Array[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const record = encodeRecord(sampleRecord(seq));
    hash = chainHash(hash, record);
    chunk.push(encode(record));
    if (seq % SEAL_RECORDS === 0) {
      marks.push(hash);
      writeSync(file, Buffer.concat(chunk));
      chunk = [];
    }
  }
  closeSync(file);
  writeFileSync(hashes, Buffer.concat(marks));
}

/** Reads a recording forward, a page at a time, through a small window. */
export class Recording {
  readonly logId: Uint8Array;
  readonly count: number;
  private readonly file: number;
  private readonly hashes: Uint8Array;
  private readonly window = Buffer.alloc(64 * 1024);
  private filled = 0;
  private at = 0;
  private nextSeq = 1;

  constructor(dir: string, owner: LogOwner) {
    const { records, hashes } = paths(dir, owner.device);
    this.file = openSync(records, 'r');
    this.hashes = readFileSync(hashes);
    this.count = (this.hashes.length / HASH_BYTES - 1) * SEAL_RECORDS;
    this.logId = logIdOf(genesisOf(owner));
  }

  /** `h(seq)`, where a seal ends. */
  hash(seq: number): Uint8Array {
    if (seq % SEAL_RECORDS !== 0) throw new RangeError(`no hash was kept at ${seq}`);
    const at = (seq / SEAL_RECORDS) * HASH_BYTES;
    return this.hashes.subarray(at, at + HASH_BYTES);
  }

  /** The encoded byte strings of the next {@link PAGE_RECORDS} records; `from` is where the last page ended. */
  page(from: number): Uint8Array {
    if (from !== this.nextSeq) throw new RangeError(`record ${from} was asked for, ${this.nextSeq} is next`);
    this.refill();
    const start = this.at;
    for (let i = 0; i < PAGE_RECORDS; i++) this.at += itemLength(this.window, this.at);
    this.nextSeq += PAGE_RECORDS;
    return this.window.subarray(start, this.at);
  }

  close(): void {
    closeSync(this.file);
  }

  private refill(): void {
    if (this.filled - this.at > PAGE_RECORDS * 128) return;
    this.window.copyWithin(0, this.at, this.filled);
    this.filled -= this.at;
    this.at = 0;
    this.filled += readSync(this.file, this.window, this.filled, this.window.length - this.filled, null);
  }
}

/** Bytes of the CBOR byte string at `at`: heads of one or two bytes are all that records need. */
function itemLength(bytes: Uint8Array, at: number): number {
  const initial = bytes[at] ?? 0;
  return initial === 0x58 ? 2 + (bytes[at + 1] ?? 0) : 1 + (initial & 0x1f);
}
