/** What is derived from events and can be derived again: the ledger, and courses of matters, meals and cases. */
export const LEDGER = `
-- Whether a record tried to seem more than it is: it is published and counts for nothing.
ALTER TABLE event ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;

CREATE TABLE ledger_account (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  balance  INTEGER NOT NULL,              -- whole minutes, of its entries
  standing INTEGER NOT NULL,              -- the same, of the judgements in its timeline
  newest   INTEGER                        -- newest claim of its timeline
) STRICT;

CREATE TABLE ledger_claim (               -- what records claim of accounts; each account's are a chain in the order of trusted time
  id      INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  event   INTEGER NOT NULL,               -- position of the event that it comes from
  part    INTEGER NOT NULL,
  at      INTEGER NOT NULL,               -- place: Unix seconds, log, number
  log     INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  before  INTEGER,
  outcome INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  exact   INTEGER
) STRICT;

CREATE TABLE ledger_entry (               -- the journal; only ever added to
  id        INTEGER PRIMARY KEY,
  event     INTEGER NOT NULL,             -- position of the event that it derives from
  debit     INTEGER NOT NULL,
  credit    INTEGER NOT NULL,
  minutes   INTEGER NOT NULL CHECK (minutes > 0),
  rules     INTEGER NOT NULL,             -- numbers of the documents that it was made under
  catalogue INTEGER NOT NULL,
  reverses  INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_name (                -- events that name what others may name too
  name  TEXT NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (name, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_binding (             -- whose a band is from a place on
  id      INTEGER PRIMARY KEY,
  event   INTEGER NOT NULL,
  band    TEXT NOT NULL,
  account TEXT,
  has_key INTEGER NOT NULL,
  action  TEXT NOT NULL
) STRICT;

CREATE TABLE ledger_policy (              -- what the ledger goes by from an event on
  type   TEXT NOT NULL,
  after  INTEGER NOT NULL,                -- position of the last event that was judged without it
  number INTEGER NOT NULL,
  bytes  BLOB NOT NULL,                   -- as it was signed
  PRIMARY KEY (type, after)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_progress (            -- one row
  id        INTEGER PRIMARY KEY CHECK (id = 0),
  event     INTEGER NOT NULL,             -- position of the last event that is in the ledger
  time_zone TEXT                          -- by whose days it goes
) STRICT;
INSERT INTO ledger_progress VALUES (0, 0, NULL);
`;

/** Records about one matter, meal or case, which are judged together: derived from events, as the ledger is. */
export const COURSES = `
CREATE TABLE course (
  kind  INTEGER NOT NULL,                 -- of its records
  id    BLOB NOT NULL,
  began INTEGER,                          -- Unix seconds; nothing as long as nothing began it
  ended INTEGER,                          -- Unix seconds; nothing while it goes on
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX course_began ON course (kind, began);
CREATE INDEX course_ended ON course (kind, ended, began);

CREATE TABLE course_step (
  kind  INTEGER NOT NULL,
  id    BLOB NOT NULL,
  event INTEGER NOT NULL,
  band  TEXT,                             -- whose word it is: later enrolments say whose that is
  PRIMARY KEY (kind, id, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX course_band ON course_step (band) WHERE band IS NOT NULL;

CREATE TABLE course_progress (            -- one row
  one   INTEGER PRIMARY KEY CHECK (one = 0),
  event INTEGER NOT NULL                  -- position of the last event that was taken in
) STRICT;
INSERT INTO course_progress VALUES (0, 0);
`;

export const BINDINGS = `
CREATE INDEX ledger_binding_band ON ledger_binding (band);
CREATE INDEX ledger_binding_account ON ledger_binding (account);
`;

/**
 * Which kinds of course were looked for in which events. Kinds came one after another, and nobody noted when: of the first it
 * is known, and records of the others are looked for again from the beginning.
 */
export const COURSE_KINDS = `
CREATE TABLE course_kind (
  kind  INTEGER PRIMARY KEY,
  event INTEGER NOT NULL,                 -- up to here it was looked for in what was there before it
  until INTEGER NOT NULL                  -- after this event it is taken in with all others
) STRICT;
INSERT INTO course_kind SELECT 7, event, event FROM course_progress WHERE event > 0;
`;
