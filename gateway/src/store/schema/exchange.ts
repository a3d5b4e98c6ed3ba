/** What the gateway keeps for and of others: policy, MQTT sessions, the city, the primary, and what operators did. */
export const TRUST = `
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

export const BROKER = `
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

export const UPLINK = `
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

/** What is read for the site's primary: nothing of it is in the event log. */
export const FORWARDING = `
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

/** What operators did: chained, and the chain signed. */
export const TRAIL = `
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
