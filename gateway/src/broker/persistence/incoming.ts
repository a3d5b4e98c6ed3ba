/** Messages of QoS 2 that clients have sent and not released: their identifiers may not be taken for new ones (MQTT 3.1.1 §4.3.3). */
import type { PublishPacket } from 'aedes';
import type { MqttTables } from '../../store/index.js';

/** A PUBLISH that came in under an identifier. */
export type IncomingPacket = Pick<
  PublishPacket,
  'cmd' | 'topic' | 'payload' | 'qos' | 'retain' | 'dup' | 'messageId'
>;

export class Incoming {
  private readonly byClient = new Map<string, Map<number, IncomingPacket>>();

  constructor(private readonly tables: MqttTables) {
    for (const { client, id, topic, payload, fields } of tables.incoming()) {
      const rest = JSON.parse(fields) as Pick<IncomingPacket, 'cmd' | 'qos' | 'retain' | 'dup'>;
      this.of(client).set(id, { ...rest, topic, payload: Buffer.from(payload) });
    }
  }

  get(client: string, id: number): IncomingPacket | undefined {
    return this.byClient.get(client)?.get(id);
  }

  count(client: string): number {
    return this.byClient.get(client)?.size ?? 0;
  }

  /** Notes a packet, at once; what is returned belongs into a transaction. */
  put(client: string, id: number, packet: IncomingPacket): () => undefined {
    this.of(client).set(id, packet);
    const { topic, payload, cmd, qos, retain, dup } = packet;
    return () => {
      const bytes = Buffer.from(payload);
      const row = { topic, payload: bytes, fields: JSON.stringify({ cmd, qos, retain, dup }) };
      this.tables.putIncoming(client, id, row);
      return undefined;
    };
  }

  /** As {@link put}, for an identifier that is free again. */
  remove(client: string, id: number): () => undefined {
    this.byClient.get(client)?.delete(id);
    return () => {
      this.tables.removeIncoming(client, id);
      return undefined;
    };
  }

  /** As {@link remove}, for all of a client. */
  clear(client: string): () => undefined {
    this.byClient.delete(client);
    return () => {
      this.tables.clearIncoming(client);
      return undefined;
    };
  }

  private of(client: string): Map<number, IncomingPacket> {
    let packets = this.byClient.get(client);
    if (packets === undefined) this.byClient.set(client, (packets = new Map<number, IncomingPacket>()));
    return packets;
  }
}
