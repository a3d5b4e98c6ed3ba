/** btsnoop files of what passes between a host and a simulated controller. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { snoopHeader, snoopRecord } from '@timeband/protocol';

/** A file that is whole after every packet, so that a run that was killed can still be read. */
export class SnoopFile {
  private readonly file: number;

  /** @throws Error of the system */
  constructor(path: string) {
    this.file = openSync(path, 'w', 0o600);
    writeSync(this.file, snoopHeader());
  }

  write(packet: Uint8Array, isToHost: boolean, unixMs: number): void {
    writeSync(this.file, snoopRecord(packet, isToHost, unixMs));
  }

  close(): void {
    closeSync(this.file);
  }
}
