/** Somebody who goes by the events: keeps each once by its identity, as SPEC.md says, and notices whatever is amiss. */
import { type Certificate, equalBytes, EventVerifier, gatewayTopics, toHex } from '@timeband/protocol';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { GATEWAY, SITE } from '../../support/centre.js';

export interface ListenerOptions {
  readonly name: string;
  readonly port: number;
  readonly login?: Pick<IClientOptions, 'username' | 'password'>;
  /** The gateway's. */
  readonly certificate: Certificate;
  /** Whether events come in order: a city gets calls for help first. */
  readonly isOrdered: boolean;
}

interface Received {
  readonly hash: Uint8Array;
  readonly previous: Uint8Array;
}

/** Events that are looked at again for one problem would only repeat it. */
const MAX_PROBLEMS = 20;

export class Listener {
  /** By event number. */
  private readonly events = new Map<number, Received>();
  /** By log and number in it: the event that it was published as. */
  private readonly records = new Map<string, number>();
  private readonly verifier = new EventVerifier();
  private readonly waiting = new Set<() => void>();
  readonly problems: string[] = [];
  /** Highest number. */
  newest = 0;
  /** Deliveries of what was there already, which is no fault. */
  repeated = 0;
  /** Records that came as two events, and events that came in two versions. */
  twice = 0;
  /** Milliseconds since this process began, of the last delivery. */
  heardAt = 0;

  private constructor(
    readonly mqtt: MqttClient,
    private readonly options: ListenerOptions,
  ) {
    this.verifier.trust(options.certificate);
    const prefix = gatewayTopics(SITE, GATEWAY).event('');
    mqtt.on('message', (topic, payload) => {
      if (topic.startsWith(prefix)) this.take(payload);
    });
    mqtt.on('error', () => undefined); // it connects again by itself
  }

  /** With a session that outlives connections; connects again by itself. */
  static async connect(options: ListenerOptions): Promise<Listener> {
    const { name, port, login } = options;
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...{ clientId: name, clean: false, protocolVersion: 4, reconnectPeriod: 50, connectTimeout: 5_000 },
      ...login,
    });
    const listener = new Listener(mqtt, options);
    await mqtt.subscribeAsync(gatewayTopics(SITE, GATEWAY).events, { qos: 1 });
    return listener;
  }

  get name(): string {
    return this.options.name;
  }

  /** Different events. */
  get count(): number {
    return this.events.size;
  }

  hashOf(seq: number): Uint8Array | undefined {
    return this.events.get(seq)?.hash;
  }

  /** Whether an event of this record has come. */
  has(logId: Uint8Array, record: number): boolean {
    return this.records.has(`${toHex(logId)}/${record}`);
  }

  /** Resolves once so many more different events have come. */
  more(count: number): Promise<void> {
    return this.reaches(this.count + count);
  }

  reaches(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.count < count) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  /** Every event follows the one before. */
  checkChain(): void {
    for (const [seq, { previous }] of this.events) {
      const before = this.events.get(seq - 1);
      if (before !== undefined && !equalBytes(before.hash, previous)) {
        this.problem(`${this.name}: event ${seq} does not follow event ${seq - 1}`);
      }
    }
  }

  close(): Promise<void> {
    return this.mqtt.endAsync(true);
  }

  private take(payload: Uint8Array): void {
    const { name, isOrdered } = this.options;
    this.heardAt = performance.now();
    try {
      const { event, hash } = this.verifier.verify(payload);
      const { seq, previous, logId, logSeq } = event;
      const known = this.events.get(seq);
      if (known !== undefined) {
        this.repeated++;
        if (equalBytes(known.hash, hash)) return;
        this.twice++;
        this.problem(`${name}: there are two events ${seq}`);
        return;
      }
      if (isOrdered && seq !== this.newest + 1) {
        this.problem(`${name}: event ${seq} came after event ${this.newest}`);
      }
      this.events.set(seq, { hash, previous });
      this.newest = Math.max(this.newest, seq);
      const record = `${toHex(logId)}/${logSeq}`;
      const other = this.records.get(record);
      if (other !== undefined) {
        this.twice++;
        this.problem(`${name}: record ${record} came as event ${other} and as event ${seq}`);
      }
      this.records.set(record, seq);
      const before = this.events.get(seq - 1);
      if (before !== undefined && !equalBytes(before.hash, previous)) {
        this.problem(`${name}: event ${seq} does not follow event ${seq - 1}`);
      }
    } catch (error) {
      this.problem(`${name}: ${(error as Error).message}`);
    }
    for (const look of this.waiting) look();
  }

  private problem(text: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(text);
  }
}
