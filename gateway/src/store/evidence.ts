/** What proofs are judged by: counters that were used, acts that have counted, and certificates of bands. */
import type { CounterNeighbours, CounterUse, TimeInterval, UsedCounter } from '@timeband/protocol';
import type { Sqlite } from './database.js';

/** A device's certificate as it came with its log. */
export interface LogCertificate {
  readonly log: number;
  readonly bytes: Uint8Array;
}

export class EvidenceTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  /** The uses of a counter around a value. */
  counters(subject: string, value: number): CounterNeighbours {
    return {
      below: useOf(this.statements.below.get(subject, value)),
      above: useOf(this.statements.above.get(subject, value)),
    };
  }

  addCounter({ subject, value }: UsedCounter, time: TimeInterval): void {
    this.statements.addCounter.run(subject, value, time.earliest ?? null, time.latest);
  }

  /** The log in which an act has counted. */
  logOfAct(act: Uint8Array): number | undefined {
    return this.statements.logOfAct.get(act)?.log;
  }

  /** @param event position of the event by which it counts */
  addAct(act: Uint8Array, log: number, event: number): void {
    this.statements.addAct.run(act, log, event);
  }

  /** Certificates of the logs that were opened after `log`. */
  certificatesAfter(log: number): readonly LogCertificate[] {
    return this.statements.certificatesAfter.all(log);
  }

  /** Certificates of bands that others met. */
  metCertificates(): readonly Uint8Array[] {
    return this.statements.metCertificates.all().map(({ bytes }) => bytes);
  }

  keepMetCertificate(kid: Uint8Array, bytes: Uint8Array): void {
    this.statements.keepMetCertificate.run(kid, bytes);
  }
}

interface CounterColumns {
  value: number;
  earliest: number | null;
  latest: number;
}

function useOf(row: CounterColumns | undefined): CounterUse | undefined {
  return row && { value: row.value, time: { earliest: row.earliest ?? undefined, latest: row.latest } };
}

function prepare(db: Sqlite) {
  const columns = 'SELECT value, earliest, latest FROM counter WHERE subject = ?';
  return {
    below: db.prepare<[string, number], CounterColumns>(
      `${columns} AND value <= ? ORDER BY value DESC LIMIT 1`,
    ),
    above: db.prepare<[string, number], CounterColumns>(`${columns} AND value > ? ORDER BY value LIMIT 1`),
    addCounter: db.prepare<[string, number, number | null, number]>(
      'INSERT INTO counter VALUES (?, ?, ?, ?)',
    ),
    logOfAct: db.prepare<[Uint8Array], { log: number }>('SELECT log FROM act WHERE act = ?'),
    addAct: db.prepare<[Uint8Array, number, number]>('INSERT INTO act VALUES (?, ?, ?)'),
    metCertificates: db.prepare<[], { bytes: Uint8Array }>('SELECT bytes FROM met_certificate'),
    keepMetCertificate: db.prepare<[Uint8Array, Uint8Array]>(
      'INSERT OR REPLACE INTO met_certificate VALUES (?, ?)',
    ),
    certificatesAfter: db.prepare<[number], LogCertificate>(
      'SELECT id AS log, certificate AS bytes FROM log WHERE id > ? ORDER BY id',
    ),
  };
}
