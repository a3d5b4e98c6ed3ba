/**
 * Queues as aedes itself would use them. In this broker a connected session is sent what waits for it by its own lane
 * (delivery/message-lane.ts); this is for whoever asks the persistence without one.
 */
import type { AedesPublishPacket } from 'aedes';
import type { GroupCommit } from '../queue/group-commit.js';
import type { Waiting } from '../queue/mailbox.js';
import type { SessionStore, StoredSession } from './session-store.js';

/** A message that waits, or of which only the identifier is to be released. */
export type OutgoingPacket =
  | (Omit<AedesPublishPacket, 'messageId'> & { messageId: number | undefined })
  | { readonly cmd: 'pubrel'; readonly messageId: number | undefined };

export interface Update {
  readonly cmd?: string | undefined;
  readonly messageId?: number | undefined;
  readonly brokerId?: string | undefined;
  readonly brokerCounter?: number | undefined;
}

export class Outgoing {
  /** Identifiers that were given to messages, by their positions. */
  private readonly ids = new WeakMap<StoredSession, Map<number, number>>();
  private readonly released = new WeakMap<StoredSession, Set<number>>();

  constructor(
    private readonly sessions: SessionStore,
    private readonly commits: GroupCommit,
  ) {}

  enqueue(key: string, { topic, payload, qos, brokerId, brokerCounter }: AedesPublishPacket): Promise<void> {
    const session = this.sessions.ensure(key);
    session.mailbox.open();
    return this.commits.write(() => {
      const message = { topic, payload, qos, retain: false, brokerId, brokerCounter };
      const row = session.mailbox.prepare(message);
      return () => {
        session.mailbox.admit(row);
      };
    });
  }

  /** Notes the identifier with which a message goes out, or that the client has the message of an identifier. */
  async update(key: string, { cmd, messageId, brokerId, brokerCounter }: Update): Promise<void> {
    const session = this.sessions.get(key);
    if (session === undefined || messageId === undefined) return;
    if (cmd === 'pubrel') {
      const row = this.byId(session, messageId);
      if (row === undefined) return;
      const released = this.released.get(session) ?? new Set<number>();
      this.released.set(session, released.add(row.position));
      await this.sessions.release(session, row.position);
      return;
    }
    const row = rowsOf(session).find(
      (other) => other.brokerId === brokerId && other.brokerCounter === brokerCounter,
    );
    if (row === undefined) return;
    const ids = this.ids.get(session) ?? new Map<number, number>();
    this.ids.set(session, ids.set(row.position, messageId));
  }

  /** The client has the message of an identifier for good. @returns it */
  clear(key: string, messageId: number | undefined): OutgoingPacket | undefined {
    const session = this.sessions.get(key);
    const row = session && messageId !== undefined ? this.byId(session, messageId) : undefined;
    if (session === undefined || row === undefined) return undefined;
    const packet = this.packetOf(session, row);
    this.ids.get(session)?.delete(row.position);
    session.mailbox.done(row);
    return packet;
  }

  all(key: string): OutgoingPacket[] {
    const session = this.sessions.get(key);
    return session === undefined ? [] : rowsOf(session).map((row) => this.packetOf(session, row));
  }

  private byId(session: StoredSession, messageId: number): Waiting | undefined {
    const ids = this.ids.get(session);
    return ids && rowsOf(session).find(({ position }) => ids.get(position) === messageId);
  }

  private packetOf(session: StoredSession, row: Waiting): OutgoingPacket {
    const { position, topic, payload, qos, retain, brokerId = '', brokerCounter } = row;
    const messageId = this.ids.get(session)?.get(position);
    if (row.released || this.released.get(session)?.has(position) === true) {
      return { cmd: 'pubrel', messageId };
    }
    return {
      cmd: 'publish',
      topic,
      payload: typeof payload === 'string' ? payload : Buffer.from(payload),
      qos: qos as 0 | 1 | 2,
      retain,
      dup: false,
      brokerId,
      brokerCounter,
      messageId,
    };
  }
}

function rowsOf({ mailbox }: StoredSession): Waiting[] {
  const rows: Waiting[] = [];
  for (let page = mailbox.after(0); page.length > 0; page = mailbox.after(rows.at(-1)?.position ?? 0)) {
    rows.push(...page);
  }
  return rows;
}
