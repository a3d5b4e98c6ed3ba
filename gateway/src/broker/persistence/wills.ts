/** Last wills (MQTT 3.1.1 §3.1.2.5). They are on disk, so that a broker that was killed still executes them. */
import type { MqttTables } from '../../store/index.js';

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export interface LeftWill {
  readonly clientId: string;
  /** Of the run of the broker to which it was left. */
  readonly brokerId: string;
  readonly will: Will;
  /** Its connection; absent after a restart. */
  readonly client: WillOwner | undefined;
}

/** Whoever left a will, as long as it is connected. */
export interface WillOwner {
  readonly id: string;
  readonly closed?: boolean | undefined;
}

export class Wills {
  private readonly byClient = new Map<string, LeftWill>();

  constructor(private readonly tables: MqttTables) {
    for (const { client, broker, topic, payload, fields } of tables.wills()) {
      const { qos, retain } = JSON.parse(fields) as Pick<Will, 'qos' | 'retain'>;
      const will = { topic, payload: Buffer.from(payload), qos, retain };
      this.byClient.set(client, { clientId: client, brokerId: broker, will, client: undefined });
    }
  }

  get(clientId: string): LeftWill | undefined {
    return this.byClient.get(clientId);
  }

  all(): LeftWill[] {
    return [...this.byClient.values()];
  }

  /** Notes a will, at once; what is returned belongs into a transaction. */
  put(left: LeftWill): () => undefined {
    const { clientId, brokerId, will } = left;
    this.byClient.set(clientId, left);
    return () => {
      const { topic, payload, qos, retain } = will;
      const fields = JSON.stringify({ qos, retain });
      this.tables.putWill({ client: clientId, broker: brokerId, topic, payload, fields });
      return undefined;
    };
  }

  /** As {@link put}, for a will that is executed or void. */
  remove(clientId: string): () => undefined {
    this.byClient.delete(clientId);
    return () => {
      this.tables.removeWill(clientId);
      return undefined;
    };
  }
}
