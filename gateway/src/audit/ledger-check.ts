/**
 * The ledger, derived again from the records beside the one that is kept: every entry of the journal has to come out the
 * same, and every balance has to be what its entries add up to. A minute that follows from no record is found here.
 */
import { eventTypeOf, toHex } from '@timeband/protocol';
import { MEAL_DAYS } from '../kitchen/index.js';
import { Ledger } from '../ledger/index.js';
import { Matters } from '../matters/index.js';
import { caseCourses } from '../mediation/index.js';
import { type CourseRow, type LedgerEntryRow, openScratch, type Store } from '../store/index.js';
import type { AuditContext } from './context.js';
import type { Check } from './check.js';
import type { Work } from './slices.js';

/** Events between two rests: short enough for a gateway that goes on meanwhile. */
const STEP = 200;
const PAGE = 1_000;

export class LedgerCheck implements Check {
  /** As they were at the moment of the audit. */
  private readonly newestEntry: number;
  private readonly progress: number;
  private readonly coursesProgress: number;

  constructor(private readonly context: Pick<AuditContext, 'store' | 'head' | 'findings' | 'gateway'>) {
    const { ledger } = context.store;
    this.newestEntry = ledger.newestEntry;
    this.progress = ledger.progress;
    this.coursesProgress = context.store.courses.progress;
  }

  *run(): Work {
    const { store, head, findings } = this.context;
    // A backup from before there was a ledger.
    if (store.ledger.timeZone === undefined) return;
    if (this.progress !== head) {
      findings.add({
        code: 'ledger/behind',
        message: `the ledger has taken in ${this.progress} of ${head} events`,
      });
    }
    const scratch = openScratch();
    try {
      for (const policy of store.ledger.policies()) scratch.store.ledger.addPolicy(policy);
      const derived = new Ledger({ store: beside(scratch.store, store), timeZone: store.ledger.timeZone });
      while (scratch.store.ledger.progress < this.progress) {
        derived.step(Math.min(this.progress, scratch.store.ledger.progress + STEP));
        yield STEP;
      }
      yield* this.compare(scratch.store);
      yield* this.compareMatters(scratch.store, derived);
    } finally {
      scratch.close();
    }
  }

  private *compare(derived: Store): Work {
    const { store, findings } = this.context;
    const differs = (row: LedgerEntryRow, why: string): void => {
      findings.add({ code: 'ledger/entry', message: `${toldEntry(row, store)} ${why}`, event: row.event });
    };
    for (let after = 0; after < this.newestEntry; after += PAGE) {
      const kept = store.ledger.entries(after, PAGE).filter(({ id }) => id <= this.newestEntry);
      const made = derived.ledger.entries(after, PAGE);
      kept.forEach((row, i) => {
        const other = made[i];
        if (other === undefined || toldEntry(other, derived) !== toldEntry(row, store))
          differs(row, 'follows from no record');
      });
      yield kept.length;
    }
    const [missing] = derived.ledger.entries(this.newestEntry, 1);
    if (missing !== undefined) differs(missing, 'is missing from the journal');
    yield* this.compareBalances(derived);
  }

  /** What was said about matters, and when each began and ended. */
  private *compareMatters(derived: Store, ledger: Ledger): Work {
    const { store, findings, gateway } = this.context;
    const { coursesProgress: progress } = this;
    const kept = new Matters({ store, ledger, gateway, also: [MEAL_DAYS, caseCourses(store)] });
    if (kept.behind > 0) return; // of an earlier version: it is derived when a gateway starts on it
    const beside = besideCourses(derived, store);
    const matters = new Matters({
      ...{ store: beside, ledger, gateway, also: [MEAL_DAYS, caseCourses(beside)] },
    });
    while (derived.courses.progress < progress) {
      matters.step(Math.min(progress, derived.courses.progress + STEP));
      yield STEP;
    }
    if (store.courses.progress !== progress) return; // it went on meanwhile: the next audit compares it
    const made = new Map([...derived.courses.all()].map((row) => [nameOf(row), toldCourse(row)]));
    for (const row of store.courses.all()) {
      const name = nameOf(row);
      if (made.get(name) !== toldCourse(row)) {
        const message = `${name} is kept as ${toldCourse(row)}, and its records come to ${made.get(name) ?? 'nothing'}`;
        findings.add({ code: 'matter/altered', message });
      }
      made.delete(name);
    }
    for (const name of made.keys())
      findings.add({ code: 'matter/altered', message: `${name} is missing, and there are records of it` });
  }

  /** Only what nobody has changed since the moment of the audit can be compared. */
  private *compareBalances(derived: Store): Work {
    const { store, findings } = this.context;
    if (store.ledger.newestEntry !== this.newestEntry) return;
    for (
      let after = '', rows;
      (rows = store.ledger.accounts(after, PAGE)).length > 0;
      after = rows.at(-1)?.name ?? ''
    ) {
      for (const { name, balance } of rows) {
        const made = derived.ledger.account(name)?.balance ?? 0;
        if (made === balance) continue;
        findings.add({
          code: 'ledger/balance',
          message: `${name} has ${balance} minutes, and its records come to ${made}`,
        });
      }
      yield rows.length;
    }
  }
}

/** Records from one store, the ledger in another. */
function beside(scratch: Store, records: Store): ConstructorParameters<typeof Ledger>[0]['store'] {
  return {
    ledger: scratch.ledger,
    transaction: (work) => {
      scratch.transaction(work);
    },
    facts: (first, last) => records.facts(first, last),
    factsOf: (events) => records.factsOf(events),
    commitOf: (seq) => records.commitOf(seq),
    lastCommit: () => records.lastCommit(),
    logIdOf: (key) => records.logIdOf(key),
    findLog: (logId) => records.findLog(logId),
  };
}

/** Without numbers of accounts, which are each database's own. */
function toldEntry(row: LedgerEntryRow, { ledger }: Store): string {
  const name = (id: number): string => ledger.accountName(id) ?? `account ${id}`;
  const { event, debit, credit, minutes, rules, catalogue, reverses } = row;
  const what = reverses !== 0 ? 'a reversal of' : 'an entry of';
  return `${what} ${minutes} minutes from ${name(debit)} to ${name(credit)}, of event ${event} under rules ${rules} and catalogue ${catalogue},`;
}

/** Events and the ledger's word on whose a band is from elsewhere; only what is derived of matters goes to the scratch. */
function besideCourses(scratch: Store, records: Store): ConstructorParameters<typeof Matters>[0]['store'] {
  return {
    courses: scratch.courses,
    transaction: (work) => {
      scratch.transaction(work);
    },
    events: (first, last) => records.events(first, last),
    facts: (first, last) => records.facts(first, last),
    lastCommit: () => records.lastCommit(),
  };
}

function nameOf({ kind, id }: CourseRow): string {
  return `${eventTypeOf(kind)} ${toHex(id)}`;
}

function toldCourse({ began, ended }: CourseRow): string {
  return `begun ${began ?? 'never'}, ended ${ended ?? 'never'}`;
}
