/** The tables of the gateway's one file. Records and events are only ever added. */

/** Bumped with every change below; a file of another number is not opened. */
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE log (
  id          INTEGER PRIMARY KEY,
  log_id      BLOB NOT NULL UNIQUE,
  device      TEXT NOT NULL,
  epoch       INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  base        INTEGER NOT NULL,           -- records up to here were never stored by this box
  head        INTEGER NOT NULL,           -- highest stored sequence number
  hash        BLOB NOT NULL,              -- h(head)
  time_floor  INTEGER,                    -- nothing later in this log happened before (Unix seconds)
  forked      INTEGER NOT NULL DEFAULT 0  -- it contradicted what it signed: nothing more is taken
) STRICT;

CREATE TABLE seal (
  id      INTEGER PRIMARY KEY,
  seal_id BLOB NOT NULL UNIQUE,           -- SHA-256 of the signed payload
  log     INTEGER NOT NULL REFERENCES log (id),
  bytes   BLOB NOT NULL
) STRICT;

CREATE TABLE record (
  log      INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  seal     INTEGER NOT NULL,
  previous BLOB NOT NULL,                 -- h(seq - 1)
  bytes    BLOB NOT NULL,                 -- as the device logged them
  PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_signature (
  first     INTEGER PRIMARY KEY,          -- event seq of the first event of the commit
  last      INTEGER NOT NULL,
  previous  BLOB NOT NULL,                -- hash of the event before the first
  head      BLOB NOT NULL,                -- hash of the last event
  recorded  INTEGER NOT NULL,             -- Unix seconds
  protected BLOB NOT NULL,
  signature BLOB NOT NULL
) STRICT;

-- An event's bytes follow from its record, its seal and these few numbers, so they are not stored.
CREATE TABLE event (
  seq      INTEGER PRIMARY KEY,
  log      INTEGER NOT NULL,
  log_seq  INTEGER NOT NULL,
  evidence INTEGER NOT NULL,
  earliest INTEGER,
  latest   INTEGER NOT NULL,
  minutes  INTEGER
) STRICT;

CREATE TABLE visit (                      -- check-ins without a check-out
  band     TEXT NOT NULL,
  service  INTEGER NOT NULL,
  earliest INTEGER,
  latest   INTEGER NOT NULL,
  PRIMARY KEY (band, service)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursor (                     -- how far a subscriber's session has confirmed events
  client_id TEXT NOT NULL,
  account   TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  PRIMARY KEY (client_id, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,               -- Unix seconds
  device  TEXT NOT NULL,
  code    TEXT NOT NULL,
  message TEXT NOT NULL,
  bytes   BLOB NOT NULL,
  UNIQUE (device, code, bytes)            -- a device that repeats itself crowds out no other evidence
) STRICT;
`;
