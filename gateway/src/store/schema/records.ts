/** What devices logged and what became of it: records, seals, events, evidence, and the tree over the events. */
export const SPINE = `
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

export const EVIDENCE = `
-- Whose record it is and which act, where that follows from more than the record: keys and certificates of that day.
ALTER TABLE event ADD COLUMN band TEXT;
ALTER TABLE event ADD COLUMN act BLOB;

CREATE TABLE counter (                    -- counters of tags and bands that were proven, each once
  subject  TEXT NOT NULL,                 -- the tag, or the band's key
  value    INTEGER NOT NULL,
  earliest INTEGER,                       -- when it was used (Unix seconds)
  latest   INTEGER NOT NULL,
  PRIMARY KEY (subject, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE act (                        -- acts that counted, and in which log's record
  act BLOB PRIMARY KEY,
  log INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const LOG_TREE = `
CREATE TABLE tree_node (                  -- hashes of whole subtrees of the event log, of 2^level events each
  epoch INTEGER NOT NULL,
  level INTEGER NOT NULL,                 -- 8 and above: what is below follows from the events
  place INTEGER NOT NULL,
  hash  BLOB NOT NULL,
  PRIMARY KEY (epoch, level, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE tree_head (                  -- the newest that was signed
  epoch INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
`;

export const ACQUAINTANCES = `
CREATE TABLE met_certificate (            -- of bands that have not come here, brought by those that met them
  kid   BLOB PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const EPOCHS = `
CREATE TABLE epoch (                      -- of the event log; a later one begins where a backup was restored
  epoch        INTEGER PRIMARY KEY,
  base         INTEGER NOT NULL,          -- position of the last event before it
  newest_epoch INTEGER,                   -- the newest event known of what was published and is not here
  newest_seq   INTEGER,
  newest_hash  BLOB
) STRICT;
INSERT INTO epoch (epoch, base) VALUES (1, 0);

CREATE TABLE signer (                     -- under what certificates commits were signed
  kid         BLOB PRIMARY KEY,
  certificate BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE withheld (                   -- records that are stored and not published
  log  INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  code TEXT NOT NULL,                     -- why
  PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO withheld
  SELECT m.log, m.seq, coalesce((SELECT q.code FROM quarantine q JOIN record r ON r.bytes = q.bytes
                                  WHERE r.log = m.log AND r.seq = m.seq LIMIT 1), 'unknown')
    FROM (SELECT log, seq FROM record EXCEPT SELECT log, log_seq FROM event) m;

CREATE TABLE lost (                       -- records that their device no longer had
  log   INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last  INTEGER NOT NULL,
  PRIMARY KEY (log, first)
) STRICT, WITHOUT ROWID;

ALTER TABLE act ADD COLUMN event INTEGER; -- position of the event by which it counted
`;

/** Counting by code is for monitors, which ask all the time. */
export const QUARANTINE_CODES = `
CREATE INDEX quarantine_code ON quarantine (code);
`;

/** Sums are kept, not counted: monitors ask all the time, and a table may have millions of rows. */
export const TOTALS = `
DROP INDEX quarantine_code;

CREATE TABLE quarantine_count (           -- how many of a device are there, by why
  device TEXT NOT NULL,
  code   TEXT NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (device, code)
) STRICT, WITHOUT ROWID;
INSERT INTO quarantine_count SELECT device, code, count(*) FROM quarantine GROUP BY device, code;
CREATE TRIGGER quarantine_in AFTER INSERT ON quarantine BEGIN
  INSERT INTO quarantine_count VALUES (new.device, new.code, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER quarantine_out AFTER DELETE ON quarantine BEGIN
  UPDATE quarantine_count SET n = n - 1 WHERE device = old.device AND code = old.code;
  DELETE FROM quarantine_count WHERE device = old.device AND code = old.code AND n = 0;
END;

CREATE TABLE log_total (                  -- one row
  id      INTEGER PRIMARY KEY CHECK (id = 0),
  logs    INTEGER NOT NULL,
  records INTEGER NOT NULL
) STRICT;
INSERT INTO log_total SELECT 0, count(*), coalesce(sum(head - base), 0) FROM log;
CREATE TRIGGER log_opened AFTER INSERT ON log BEGIN
  UPDATE log_total SET logs = logs + 1, records = records + new.head - new.base;
END;
CREATE TRIGGER log_advanced AFTER UPDATE OF head ON log BEGIN
  UPDATE log_total SET records = records + new.head - old.head;
END;

CREATE INDEX log_device ON log (device);
`;

export const RENEWALS = `
ALTER TABLE signer RENAME TO signer_by_key;
CREATE TABLE signer (                     -- under what certificates commits were signed; a key has one after another
  kid         BLOB NOT NULL,
  certificate BLOB NOT NULL,
  PRIMARY KEY (kid, certificate)
) STRICT, WITHOUT ROWID;
INSERT INTO signer SELECT kid, certificate FROM signer_by_key;
DROP TABLE signer_by_key;
`;

/** Records whose bytes were replaced on request: chains and signatures go on by their hashes. */
export const ERASURES = `
CREATE TABLE erasure (
  id   INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,                  -- Unix seconds
  body BLOB NOT NULL                      -- what two operators approved, and their approvals
) STRICT;

CREATE TABLE erased (
  log        INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  erasure    INTEGER NOT NULL,
  digest     BLOB NOT NULL,               -- SHA-256 of the bytes that went
  event_hash BLOB,                        -- of the event that they were part of
  substitute BLOB NOT NULL,               -- SHA-256 of the bytes that came
  PRIMARY KEY (log, seq, erasure)
) STRICT, WITHOUT ROWID;
`;
