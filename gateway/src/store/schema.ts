/**
 * The tables of the gateway's one file, as the steps that make them. Records and events are only ever added.
 * A step that was ever released is never changed: what a newer version needs is appended.
 */
const SPINE = `
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

const EVIDENCE = `
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

const LOG_TREE = `
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

const TRUST = `
ALTER TABLE log ADD COLUMN vouched INTEGER NOT NULL DEFAULT 0;  -- its device only MACs: the seals prove nothing to others

CREATE TABLE policy (                     -- the policy in force, whose numbers only grow
  signer BLOB NOT NULL,                   -- key id
  type   TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest BLOB NOT NULL,
  bytes  BLOB NOT NULL,                   -- as it was signed
  PRIMARY KEY (signer, type)
) STRICT, WITHOUT ROWID;
`;

const ACQUAINTANCES = `
CREATE TABLE met_certificate (            -- of bands that have not come here, brought by those that met them
  kid   BLOB PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`;

const BROKER = `
CREATE TABLE mqtt_session (               -- sessions that outlive their connections (MQTT 3.1.1 §3.1.2.4)
  id     INTEGER PRIMARY KEY,
  client TEXT NOT NULL UNIQUE,            -- account/client id
  seen   INTEGER NOT NULL                 -- last connected (Unix seconds)
) STRICT;

CREATE TABLE mqtt_subscription (
  id      INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  filter  TEXT NOT NULL,
  qos     INTEGER NOT NULL,
  options TEXT NOT NULL,
  UNIQUE (session, filter)
) STRICT;

CREATE TABLE mqtt_queue (                 -- messages that wait for a session; each has its own copy, since most have one reader
  session        INTEGER NOT NULL,
  position       INTEGER NOT NULL,
  topic          TEXT NOT NULL,
  payload        BLOB NOT NULL,
  qos            INTEGER NOT NULL,
  retain         INTEGER NOT NULL,
  released       INTEGER NOT NULL DEFAULT 0,
  broker_id      TEXT,
  broker_counter INTEGER NOT NULL,
  PRIMARY KEY (session, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_retained (
  topic   TEXT PRIMARY KEY,
  payload BLOB NOT NULL,
  fields  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_incoming (              -- QoS 2 messages whose identifiers are not free yet
  client  TEXT NOT NULL,
  id      INTEGER NOT NULL,
  topic   TEXT NOT NULL,
  payload BLOB NOT NULL,
  fields  TEXT NOT NULL,
  PRIMARY KEY (client, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_will (
  client  TEXT PRIMARY KEY,
  broker  TEXT NOT NULL,                  -- the start of the broker that promised it
  topic   TEXT NOT NULL,
  payload BLOB NOT NULL,
  fields  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

const EPOCHS = `
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

const UPLINK = `
CREATE TABLE uplink (                     -- one row
  id     INTEGER PRIMARY KEY CHECK (id = 0),
  cursor INTEGER NOT NULL,                -- position of the event up to which the city has confirmed all
  day    TEXT NOT NULL,                   -- the day on which bytes were sent
  bytes  INTEGER NOT NULL
) STRICT;
INSERT INTO uplink VALUES (0, 0, '', 0);

CREATE TABLE uplink_urgent (              -- calls for help that the city has not confirmed
  position INTEGER PRIMARY KEY
) STRICT;
`;

/** Counting by code is for monitors, which ask all the time. */
const QUARANTINE_CODES = `
CREATE INDEX quarantine_code ON quarantine (code);
`;

const LEDGER = `
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

/** Sums are kept, not counted: monitors ask all the time, and a table may have millions of rows. */
const TOTALS = `
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

const RENEWALS = `
ALTER TABLE signer RENAME TO signer_by_key;
CREATE TABLE signer (                     -- under what certificates commits were signed; a key has one after another
  kid         BLOB NOT NULL,
  certificate BLOB NOT NULL,
  PRIMARY KEY (kid, certificate)
) STRICT, WITHOUT ROWID;
INSERT INTO signer SELECT kid, certificate FROM signer_by_key;
DROP TABLE signer_by_key;
`;

/** What is read for the site's primary: nothing of it is in the event log. */
const FORWARDING = `
CREATE TABLE forward_log (                -- logs of devices, as far as they were read here
  id              INTEGER PRIMARY KEY,
  log_id          BLOB NOT NULL UNIQUE,
  device          TEXT NOT NULL,
  epoch           INTEGER NOT NULL,
  certificate     BLOB NOT NULL,
  previous_log    BLOB,                   -- what it continues
  previous_seq    INTEGER,
  previous_head   BLOB,
  base            INTEGER NOT NULL,       -- records up to here were never read here
  head            INTEGER NOT NULL,
  hash            BLOB NOT NULL,          -- h(head)
  vouched         INTEGER NOT NULL,
  rewound         INTEGER NOT NULL DEFAULT 0,
  forked          INTEGER NOT NULL DEFAULT 0,
  acked           INTEGER NOT NULL DEFAULT 0,
  ack             BLOB,                   -- the newest of a primary, for the device
  ack_certificate BLOB,
  refused         TEXT                    -- why the primary does not take it
) STRICT;

CREATE TABLE forward_batch (              -- sealed records that the primary has not confirmed
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  log      INTEGER NOT NULL,
  first    INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  before   BLOB NOT NULL,                 -- h(first - 1)
  oldest   INTEGER NOT NULL,              -- lowest number that the device still had
  seal     BLOB NOT NULL,
  asked    INTEGER NOT NULL,              -- Unix seconds
  answered INTEGER NOT NULL,
  records  BLOB NOT NULL,                 -- each with two bytes of length before it
  size     INTEGER NOT NULL
) STRICT;
CREATE INDEX forward_batch_log ON forward_batch (log, first);

CREATE TABLE forward_peer (               -- gateways that confirmed something while they were the primary
  gateway TEXT PRIMARY KEY,
  cursor  INTEGER NOT NULL,               -- the newest batch of which they did
  batches INTEGER NOT NULL,
  at      INTEGER NOT NULL                -- Unix seconds
) STRICT, WITHOUT ROWID;
`;

/** Records about one matter, meal or case, which are judged together: derived from events, as the ledger is. */
const COURSES = `
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

/** What operators did: chained, and the chain signed. */
const TRAIL = `
CREATE TABLE trail (
  seq      INTEGER PRIMARY KEY,
  previous BLOB NOT NULL,                 -- h(seq - 1)
  at       INTEGER NOT NULL,              -- Unix seconds
  account  TEXT NOT NULL,
  bytes    BLOB NOT NULL                  -- the entry, which says the same and more
) STRICT;
CREATE INDEX trail_account ON trail (account, seq);

CREATE TABLE trail_head (                 -- the newest that was signed, and one for every 256 entries
  seq   INTEGER PRIMARY KEY,              -- of the newest entry that is under it
  bytes BLOB NOT NULL
) STRICT;
`;

const BINDINGS = `
CREATE INDEX ledger_binding_band ON ledger_binding (band);
CREATE INDEX ledger_binding_account ON ledger_binding (account);
`;

/** Records whose bytes were replaced on request: chains and signatures go on by their hashes. */
const ERASURES = `
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

/**
 * Which kinds of course were looked for in which events. Kinds came one after another, and nobody noted when: of the first it
 * is known, and records of the others are looked for again from the beginning.
 */
const COURSE_KINDS = `
CREATE TABLE course_kind (
  kind  INTEGER PRIMARY KEY,
  event INTEGER NOT NULL,                 -- up to here it was looked for in what was there before it
  until INTEGER NOT NULL                  -- after this event it is taken in with all others
) STRICT;
INSERT INTO course_kind SELECT 7, event, event FROM course_progress WHERE event > 0;
`;

/** A file that has been through n steps is brought up to date by the rest. */
export const MIGRATIONS: readonly string[] = [
  SPINE,
  EVIDENCE,
  LOG_TREE,
  TRUST,
  ACQUAINTANCES,
  BROKER,
  EPOCHS,
  UPLINK,
  QUARANTINE_CODES,
  LEDGER,
  TOTALS,
  RENEWALS,
  FORWARDING,
  COURSES,
  TRAIL,
  BINDINGS,
  ERASURES,
  COURSE_KINDS,
];
