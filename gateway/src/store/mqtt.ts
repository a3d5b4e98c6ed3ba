/**
 * What the MQTT broker has to remember (MQTT 3.1.1 §4.1): sessions with their subscriptions and queues, retained messages,
 * messages of QoS 2 that are not released, and wills. Its methods are parts of the caller's transaction; only those that
 * say so make one of their own.
 */
import type { Sqlite } from './database.js';
import { Transactions } from './transactions.js';

export interface SessionRow {
  readonly id: number;
  /** Account and client id. */
  readonly client: string;
  /** When it last had a connection, Unix seconds. */
  readonly seen: number;
}

export interface SubscriptionRow {
  readonly session: number;
  readonly filter: string;
  readonly qos: number;
  /** What else the client asked for with it, as JSON. */
  readonly options: string;
}

/** A message that waits for a session. */
export interface QueueRow {
  /** Numbers only grow within a session. */
  readonly position: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** 1 or 2; lower ones do not wait. */
  readonly qos: number;
  readonly retain: boolean;
  /** QoS 2: the client has it, and is to be told that it may forget its identifier. */
  readonly released: boolean;
  /** By what the broker library tells messages apart. */
  readonly brokerId: string | undefined;
  readonly brokerCounter: number;
}

/** A message by its topic; `fields` has all else that came with it, as JSON. */
export interface MessageRow {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly fields: string;
}

export interface WillRow extends MessageRow {
  readonly client: string;
  readonly broker: string;
}

/** How much waits for a session. */
export interface QueueTotal {
  readonly session: number;
  readonly messages: number;
  readonly bytes: number;
  readonly last: number;
}

export class MqttTables {
  private readonly statements: ReturnType<typeof prepare>;

  constructor(
    db: Sqlite,
    private readonly transactions = new Transactions(db),
  ) {
    this.statements = prepare(db);
  }

  /** Runs `work` in one transaction that is on disk when this returns. */
  transaction(work: () => void): void {
    this.transactions.run(work);
  }

  sessions(): SessionRow[] {
    return this.statements.sessions.all();
  }

  insertSession({ id, client, seen }: SessionRow): void {
    this.statements.insertSession.run(id, client, seen);
  }

  touchSession(id: number, seen: number): void {
    this.statements.touchSession.run(seen, id);
  }

  /** With its subscriptions and its queue. */
  removeSession(id: number): void {
    for (const statement of this.statements.removeSession) statement.run(id);
  }

  /** In the order in which they were made. */
  subscriptions(): SubscriptionRow[] {
    return this.statements.subscriptions.all();
  }

  putSubscription({ session, filter, qos, options }: SubscriptionRow): void {
    this.statements.putSubscription.run(session, filter, qos, options);
  }

  removeSubscription(session: number, filter: string): void {
    this.statements.removeSubscription.run(session, filter);
  }

  enqueue(session: number, row: QueueRow): void {
    const { position, topic, payload, qos, retain, brokerId, brokerCounter } = row;
    this.statements.enqueue.run(
      ...[session, position, topic, payload, qos, Number(retain)],
      ...[brokerId ?? null, brokerCounter],
    );
  }

  /** Up to `limit` that wait for a session after a position, in order. */
  queue(session: number, after: number, limit: number): QueueRow[] {
    return this.statements.queue.all(session, after, limit).map((row) => ({
      ...row,
      retain: row.retain !== 0,
      released: row.released !== 0,
      brokerId: row.brokerId ?? undefined,
    }));
  }

  queueTotals(): QueueTotal[] {
    return this.statements.queueTotals.all();
  }

  /** Of one message only. */
  dequeue(session: number, position: number): void {
    this.statements.dequeue.run(session, position);
  }

  /** Of everything up to a position. */
  dequeueUpTo(session: number, position: number): void {
    this.statements.dequeueUpTo.run(session, position);
  }

  release(session: number, position: number): void {
    this.statements.release.run(session, position);
  }

  retained(): MessageRow[] {
    return this.statements.retained.all();
  }

  putRetained({ topic, payload, fields }: MessageRow): void {
    this.statements.putRetained.run(topic, payload, fields);
  }

  removeRetained(topic: string): void {
    this.statements.removeRetained.run(topic);
  }

  incoming(): (MessageRow & { readonly client: string; readonly id: number })[] {
    return this.statements.incoming.all();
  }

  putIncoming(client: string, id: number, { topic, payload, fields }: MessageRow): void {
    this.statements.putIncoming.run(client, id, topic, payload, fields);
  }

  removeIncoming(client: string, id: number): void {
    this.statements.removeIncoming.run(client, id);
  }

  clearIncoming(client: string): void {
    this.statements.clearIncoming.run(client);
  }

  wills(): WillRow[] {
    return this.statements.wills.all();
  }

  putWill({ client, broker, topic, payload, fields }: WillRow): void {
    this.statements.putWill.run(client, broker, topic, payload, fields);
  }

  removeWill(client: string): void {
    this.statements.removeWill.run(client);
  }
}

interface QueueColumns extends Omit<QueueRow, 'retain' | 'released' | 'brokerId'> {
  readonly retain: number;
  readonly released: number;
  readonly brokerId: string | null;
}

function prepare(db: Sqlite) {
  type Bytes = Uint8Array;
  return {
    sessions: db.prepare<[], SessionRow>('SELECT id, client, seen FROM mqtt_session ORDER BY id'),
    insertSession: db.prepare<[number, string, number]>(
      'INSERT INTO mqtt_session (id, client, seen) VALUES (?, ?, ?)',
    ),
    touchSession: db.prepare<[number, number]>('UPDATE mqtt_session SET seen = ? WHERE id = ?'),
    removeSession: [
      'mqtt_session WHERE id',
      'mqtt_subscription WHERE session',
      'mqtt_queue WHERE session',
    ].map((rows) => db.prepare<[number]>(`DELETE FROM ${rows} = ?`)),
    subscriptions: db.prepare<[], SubscriptionRow>(
      'SELECT session, filter, qos, options FROM mqtt_subscription ORDER BY id',
    ),
    putSubscription: db.prepare<[number, string, number, string]>(
      `INSERT INTO mqtt_subscription (session, filter, qos, options) VALUES (?, ?, ?, ?)
         ON CONFLICT (session, filter) DO UPDATE SET qos = excluded.qos, options = excluded.options`,
    ),
    removeSubscription: db.prepare<[number, string]>(
      'DELETE FROM mqtt_subscription WHERE session = ? AND filter = ?',
    ),
    enqueue: db.prepare<(number | string | Bytes | null)[]>(
      `INSERT INTO mqtt_queue (session, position, topic, payload, qos, retain, broker_id, broker_counter)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    queue: db.prepare<[number, number, number], QueueColumns>(
      `SELECT position, topic, payload, qos, retain, released, broker_id AS brokerId, broker_counter AS brokerCounter
         FROM mqtt_queue WHERE session = ? AND position > ? ORDER BY position LIMIT ?`,
    ),
    queueTotals: db.prepare<[], QueueTotal>(
      `SELECT session, count(*) AS messages, sum(length(topic) + length(payload)) AS bytes, max(position) AS last
         FROM mqtt_queue GROUP BY session`,
    ),
    dequeue: db.prepare<[number, number]>('DELETE FROM mqtt_queue WHERE session = ? AND position = ?'),
    dequeueUpTo: db.prepare<[number, number]>('DELETE FROM mqtt_queue WHERE session = ? AND position <= ?'),
    release: db.prepare<[number, number]>(
      "UPDATE mqtt_queue SET released = 1, payload = x'' WHERE session = ? AND position = ?",
    ),
    retained: db.prepare<[], MessageRow>('SELECT topic, payload, fields FROM mqtt_retained'),
    putRetained: db.prepare<[string, Bytes, string]>(
      'INSERT OR REPLACE INTO mqtt_retained (topic, payload, fields) VALUES (?, ?, ?)',
    ),
    removeRetained: db.prepare<[string]>('DELETE FROM mqtt_retained WHERE topic = ?'),
    incoming: db.prepare<[], MessageRow & { client: string; id: number }>(
      'SELECT client, id, topic, payload, fields FROM mqtt_incoming',
    ),
    putIncoming: db.prepare<[string, number, string, Bytes, string]>(
      'INSERT OR REPLACE INTO mqtt_incoming (client, id, topic, payload, fields) VALUES (?, ?, ?, ?, ?)',
    ),
    removeIncoming: db.prepare<[string, number]>('DELETE FROM mqtt_incoming WHERE client = ? AND id = ?'),
    clearIncoming: db.prepare<[string]>('DELETE FROM mqtt_incoming WHERE client = ?'),
    wills: db.prepare<[], WillRow>('SELECT client, broker, topic, payload, fields FROM mqtt_will'),
    putWill: db.prepare<[string, string, string, Bytes, string]>(
      'INSERT OR REPLACE INTO mqtt_will (client, broker, topic, payload, fields) VALUES (?, ?, ?, ?, ?)',
    ),
    removeWill: db.prepare<[string]>('DELETE FROM mqtt_will WHERE client = ?'),
  };
}
