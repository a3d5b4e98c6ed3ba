/** Two programs that talk over the gateway's broker: what was acknowledged to the one reaches the other, at QoS 2 once. */
import { connectAsync, type MqttClient } from 'mqtt';
import { pause, within } from './gateway-program.js';
import { ROOMS } from './site.js';

export interface ChatterOptions {
  readonly port: number;
  readonly password: string;
  /** Accounts. */
  readonly speaker: string;
  readonly hearer: string;
}

const TOPIC = 'rooms/kitchen';
const EVERY_MS = 20;
const SETTLED_WITHIN_MS = 60_000;

export class Chatter {
  private said = 0;
  private givenUp = 0;
  private isOver = false;
  private readonly talk: Promise<void>;
  private readonly acknowledged = new Set<number>();
  private readonly heard = new Map<number, number>();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly speaker: MqttClient,
    private readonly hearer: MqttClient,
  ) {
    hearer.on('message', (_, payload) => {
      const number = Number(payload.toString());
      this.heard.set(number, (this.heard.get(number) ?? 0) + 1);
      this.look();
    });
    for (const client of [speaker, hearer]) client.on('error', () => undefined); // it connects again by itself
    this.talk = this.speak();
  }

  /** With sessions that outlive connections; both connect again by themselves. */
  static async open({ port, password, speaker, hearer }: ChatterOptions): Promise<Chatter> {
    const connect = (username: string): Promise<MqttClient> =>
      connectAsync(`mqtt://127.0.0.1:${port}`, {
        ...{ clientId: username, username, password, clean: false, protocolVersion: 4 },
        ...{ reconnectPeriod: 50, connectTimeout: 5_000 },
      });
    const listening = await connect(hearer);
    await listening.subscribeAsync(ROOMS, { qos: 2 });
    return new Chatter(await connect(speaker), listening);
  }

  /** Resolves when all that was said has been acknowledged and heard. Rejects with what was not. */
  async settle(): Promise<void> {
    this.isOver = true;
    await this.talk;
    const arrived = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.missing > 0 || this.acknowledged.size + this.givenUp < this.said) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
    await within(SETTLED_WITHIN_MS, arrived, 'messages are missing').catch(() => {
      const { missing, said, acknowledged } = this;
      throw new Error(
        `of ${said} messages ${acknowledged.size} were acknowledged, and ${missing} of those not heard`,
      );
    });
    const twice = [...this.heard].filter(([number, times]) => isOnce(number) && times > 1);
    if (twice.length > 0) throw new Error(`${twice.length} messages of QoS 2 were heard more than once`);
  }

  async close(): Promise<void> {
    this.isOver = true;
    await Promise.all([this.speaker.endAsync(true), this.hearer.endAsync(true)]);
  }

  private get missing(): number {
    return [...this.acknowledged].filter((number) => !this.heard.has(number)).length;
  }

  /** While the gateway is away it says nothing: what a client keeps in its own memory tries nobody. */
  private async speak(): Promise<void> {
    while (!this.isOver) {
      await pause(EVERY_MS);
      if (!this.speaker.connected) continue;
      const number = ++this.said;
      this.speaker.publish(TOPIC, String(number), { qos: isOnce(number) ? 2 : 1 }, (error) => {
        // A client gives up what it was sending again when the connection broke once more.
        if (error instanceof Error) this.givenUp++;
        else this.acknowledged.add(number);
        this.look();
      });
    }
  }

  private look(): void {
    for (const look of this.waiting) look();
  }
}

function isOnce(number: number): boolean {
  return number % 2 === 0;
}
