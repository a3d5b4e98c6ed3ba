/** What is kept of things that several records are about: a matter, a meal, a case. */
import type { Sqlite } from './database.js';

/** Which of them. */
export interface Course {
  /** Of its records. */
  readonly kind: number;
  readonly id: Uint8Array;
}

export interface CourseRow extends Course {
  /** Unix seconds; nothing as long as nothing began it. */
  readonly began: number | null;
  /** Unix seconds; nothing while it goes on. */
  readonly ended: number | null;
}

/** How far the events that were there before a kind have been looked through for it. */
export interface CourseKindRow {
  readonly kind: number;
  /** Position of the last that was. */
  readonly event: number;
  /** Position of the last that has to be. */
  readonly until: number;
}

export class CourseTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(db: Sqlite) {
    this.statements = prepare(db);
  }

  /** Position of the last event that was taken in. */
  get progress(): number {
    return this.statements.progress.get()?.event ?? 0;
  }

  setProgress(event: number): void {
    this.statements.setProgress.run(event);
  }

  kinds(): CourseKindRow[] {
    return this.statements.kinds.all();
  }

  putKind({ kind, event, until }: CourseKindRow): void {
    this.statements.putKind.run(kind, event, until);
  }

  hasStep({ kind, id }: Course, event: number): boolean {
    return this.statements.hasStep.get(kind, id, event) !== undefined;
  }

  /** Removes the newest step of a course that comes after an event. @returns whether there was one */
  removeNewest({ kind, id }: Course, after: number): boolean {
    return this.statements.removeNewest.run({ kind, id, after }).changes > 0;
  }

  /** @param band whose word it is */
  addStep({ kind, id }: Course, event: number, band: string | undefined): void {
    this.statements.addStep.run(kind, id, event, band ?? null);
  }

  /** Positions of the events that are about it. */
  eventsOf({ kind, id }: Course): number[] {
    return this.statements.eventsOf.all(kind, id).map(({ event }) => event);
  }

  stepsOf({ kind, id }: Course): number {
    return this.statements.countOf.get(kind, id)?.n ?? 0;
  }

  /** Those in which a band had a word. */
  withBand(band: string): Course[] {
    return this.statements.withBand.all(band);
  }

  save({ kind, id, began, ended }: CourseRow): void {
    this.statements.save.run(kind, id, began, ended);
  }

  /** That go on, the oldest first. */
  going(kind: number): CourseRow[] {
    return this.statements.going.all(kind);
  }

  /** That ended within a time, Unix seconds; `to` is not part of it. */
  ended(kind: number, from: number, to: number): CourseRow[] {
    return this.statements.ended.all(kind, from, to);
  }

  /** That began within a time, Unix seconds; `to` is not part of it. */
  began(kind: number, from: number, to: number): CourseRow[] {
    return this.statements.began.all(kind, from, to);
  }

  /** All, in one order. */
  all(): IterableIterator<CourseRow> {
    return this.statements.all.iterate();
  }

  clear(): void {
    for (const statement of this.statements.clear) statement.run();
  }
}

function prepare(db: Sqlite) {
  return {
    progress: db.prepare<[], { event: number }>('SELECT event FROM course_progress'),
    setProgress: db.prepare<[number]>('UPDATE course_progress SET event = ?'),
    kinds: db.prepare<[], CourseKindRow>('SELECT kind, event, until FROM course_kind ORDER BY kind'),
    putKind: db.prepare<[number, number, number]>(
      `INSERT INTO course_kind (kind, event, until) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET event = excluded.event, until = excluded.until`,
    ),
    hasStep: db.prepare<[number, Uint8Array, number], { event: number }>(
      'SELECT event FROM course_step WHERE kind = ? AND id = ? AND event = ?',
    ),
    removeNewest: db.prepare<[{ kind: number; id: Uint8Array; after: number }]>(
      `DELETE FROM course_step WHERE kind = @kind AND id = @id AND event > @after
          AND event = (SELECT max(event) FROM course_step WHERE kind = @kind AND id = @id)`,
    ),
    addStep: db.prepare<[number, Uint8Array, number, string | null]>(
      'INSERT INTO course_step (kind, id, event, band) VALUES (?, ?, ?, ?)',
    ),
    eventsOf: db.prepare<[number, Uint8Array], { event: number }>(
      'SELECT event FROM course_step WHERE kind = ? AND id = ? ORDER BY event',
    ),
    countOf: db.prepare<[number, Uint8Array], { n: number }>(
      'SELECT count(*) AS n FROM course_step WHERE kind = ? AND id = ?',
    ),
    withBand: db.prepare<[string], Course>('SELECT DISTINCT kind, id FROM course_step WHERE band = ?'),
    save: db.prepare<[number, Uint8Array, number | null, number | null]>(
      `INSERT INTO course (kind, id, began, ended) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET began = excluded.began, ended = excluded.ended`,
    ),
    going: db.prepare<[number], CourseRow>(
      'SELECT * FROM course WHERE kind = ? AND ended IS NULL AND began IS NOT NULL ORDER BY began, id',
    ),
    ended: db.prepare<[number, number, number], CourseRow>(
      'SELECT * FROM course WHERE kind = ? AND ended >= ? AND ended < ? ORDER BY ended, id',
    ),
    began: db.prepare<[number, number, number], CourseRow>(
      'SELECT * FROM course WHERE kind = ? AND began >= ? AND began < ? ORDER BY began, id',
    ),
    all: db.prepare<[], CourseRow>('SELECT * FROM course ORDER BY kind, id'),
    clear: [
      db.prepare<[]>('DELETE FROM course'),
      db.prepare<[]>('DELETE FROM course_step'),
      db.prepare<[]>('DELETE FROM course_kind'),
      db.prepare<[]>('UPDATE course_progress SET event = 0'),
    ],
  };
}
