/** What passes between noble and a controller, in a file for Wireshark. It names addresses and holds what devices say. */
import { openSync, writeSync } from 'node:fs';
import { snoopHeader, snoopRecord } from '@timeband/protocol';

/** Enough for an hour of a crowd; then nothing more is written. */
const MAX_BYTES = 1 << 30;

export class SnoopFile {
  private readonly file: number;
  private written: number;

  /** @throws Error of the system */
  constructor(path: string) {
    this.file = openSync(path, 'w', 0o600);
    this.written = writeSync(this.file, snoopHeader());
  }

  write(packet: Uint8Array, isToHost: boolean, unixMs: number): void {
    if (this.written < MAX_BYTES) this.written += writeSync(this.file, snoopRecord(packet, isToHost, unixMs));
  }
}
