/** The newest message of each topic that was published to be retained (MQTT 3.1.1 §3.3.1.3), in memory and on disk. */
import type { MqttTables } from '../../store/index.js';
import { matches } from '../topic-filter.js';

export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: true;
  readonly cmd: 'publish';
}

export class RetainedMessages {
  private readonly byTopic = new Map<string, RetainedMessage>();

  constructor(
    private readonly tables: MqttTables,
    private readonly limit: number,
  ) {
    for (const { topic, payload, fields } of tables.retained()) {
      const rest = JSON.parse(fields) as Omit<RetainedMessage, 'topic' | 'payload'>;
      this.byTopic.set(topic, { ...rest, topic, payload: asBuffer(payload) });
    }
  }

  get size(): number {
    return this.byTopic.size;
  }

  /** Whether a message of this topic can be retained. */
  hasRoom(topic: string): boolean {
    return this.byTopic.size < this.limit || this.byTopic.has(topic);
  }

  /**
   * Retains a message; one without a payload ends what is retained. As part of the caller's transaction.
   *
   * @param onDisk false for what the gateway says anew at each start
   * @returns what follows once that is on disk
   */
  put(message: RetainedMessage, onDisk = true): () => void {
    const { topic, payload, ...rest } = message;
    const isEmpty = payload.length === 0;
    if (isEmpty) this.tables.removeRetained(topic);
    else if (onDisk) this.tables.putRetained({ topic, payload, fields: JSON.stringify(rest) });
    return () => {
      if (isEmpty) this.byTopic.delete(topic);
      else this.byTopic.set(topic, message);
    };
  }

  matching(filters: readonly string[]): RetainedMessage[] {
    return [...this.byTopic.values()].filter(({ topic }) => filters.some((f) => matches(f, topic)));
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
