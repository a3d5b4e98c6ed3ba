/** How many records go into one transaction: as many as are done within a while, on this machine and just now. */

/** What a transaction may take of the processor's time before it is written to the disk: nothing else is done meanwhile. */
const WORK_MS = 6;
/** However fast it goes. */
const MOST_RECORDS = 256;
/** Of a small box whose ledger has met nobody yet. */
const FIRST_MS_PER_RECORD = 0.25;
/** What the newest measurement counts for. */
const WEIGHT = 0.3;

export class Pace {
  private msPerRecord = FIRST_MS_PER_RECORD;

  /** Records that there is time for, at least one. */
  get room(): number {
    return Math.max(1, Math.min(MOST_RECORDS, Math.floor(WORK_MS / this.msPerRecord)));
  }

  /** So many records took so long, in milliseconds and without the disk. */
  took(records: number, ms: number): void {
    if (records > 0) this.msPerRecord += WEIGHT * (ms / records - this.msPerRecord);
  }
}
