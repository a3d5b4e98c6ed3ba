/** What the broker's tests share: stand-ins for the store, accounts, and real clients over loopback. */
import { scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { ListenerConfig } from '../config/index.js';
import type { Account } from './accounts.js';
import type { Role } from './access.js';
import { MqttTables } from '../store/index.js';
import { MIGRATIONS } from '../store/schema.js';
import { type Broker, type BrokerOptions, createBroker } from './broker.js';
import type { CursorStore, EventSource, PublishedEvent, SessionCursor } from './ports.js';

export const SITE = 'dahaiyang';
export const GATEWAY = 'gw-1';
export const ROOT = `tb/1/${SITE}/${GATEWAY}`;
export const PASSWORD = 'a-password-for-the-tests';
/** As a stored hash, but at a cost that tests can bear. */
const SALT = Buffer.from('salt of the tests');
const COST = { N: 1_024, r: 8, p: 1 };
const HASH = {
  salt: SALT.toString('base64url'),
  hash: scryptSync(PASSWORD, SALT, 32, COST).toString('base64url'),
  ...COST,
};

const loopbackOnly = { host: '127.0.0.1', port: 0, path: '/mqtt', allowedOrigins: [] as string[] };
/** One of each kind, on a free port of this machine. */
export const LISTENERS = {
  tcp: { ...loopbackOnly, kind: 'tcp' },
  tls: { ...loopbackOnly, kind: 'tls' },
  ws: { ...loopbackOnly, kind: 'ws' },
  wss: { ...loopbackOnly, kind: 'wss' },
} as const satisfies Record<string, ListenerConfig>;

export const silent = pino({ level: 'silent' });

/** An event log in memory. */
export class MemorySource implements EventSource {
  readonly events: PublishedEvent[] = [];
  reads = 0;

  get head(): number {
    return this.events.length;
  }

  read(after: number, limit: number): readonly PublishedEvent[] {
    this.reads++;
    return this.events.slice(after, after + limit);
  }

  /** Appends events whose message is their number. @returns them, for `committed` */
  commit(count: number, type = 'punch', bytes = 0): PublishedEvent[] {
    const added: PublishedEvent[] = [];
    for (let i = 0; i < count; i++) {
      const seq = this.events.length + 1;
      const event = { seq, type, message: Buffer.from(String(seq).padStart(bytes, '0')) };
      this.events.push(event);
      added.push(event);
    }
    return added;
  }
}

/** A cursor store in memory. */
export class MemoryCursors implements CursorStore {
  private readonly rows = new Map<string, number>();
  saves = 0;

  load(clientId: string, account: string): number | undefined {
    return this.rows.get(`${account}/${clientId}`);
  }

  save(cursors: readonly SessionCursor[]): void {
    this.saves++;
    for (const { clientId, account, cursor } of cursors) this.rows.set(`${account}/${clientId}`, cursor);
  }

  remove(clientId: string, account: string): void {
    this.rows.delete(`${account}/${clientId}`);
  }
}

export class MemoryCounters {
  readonly counts = new Map<string, number>();

  count(name: string, detail?: string): void {
    const key = detail === undefined ? name : `${name} ${detail}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }
}

/** `sub` and `other` are subscribers, every other role's account has the role's name. All have {@link PASSWORD}. */
export const accounts = {
  find: (name: string): Account | undefined => {
    const roles: Record<string, Role> = {
      sub: 'subscriber',
      other: 'subscriber',
      operator: 'operator',
      console: 'console',
    };
    const role = roles[name];
    return role === undefined ? undefined : { name, role, ...HASH };
  },
};

/** The broker's tables in memory. */
export function memoryTables(): MqttTables {
  const db = new Database(':memory:');
  for (const step of MIGRATIONS) db.exec(step);
  return new MqttTables(db);
}

/** Tables of which a transaction fails as SQLite's do, for as long as the disk is full. */
export function fillableTables(): { readonly tables: MqttTables; readonly disk: { isFull: boolean } } {
  const tables = memoryTables();
  const write = tables.transaction.bind(tables);
  const disk = { isFull: false };
  tables.transaction = (work) => {
    if (disk.isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    write(work);
  };
  return { tables, disk };
}

export interface TestBroker extends Broker {
  readonly source: MemorySource;
  readonly cursors: MemoryCursors;
  readonly counters: MemoryCounters;
  /** Appends events to the log and announces them. */
  readonly emit: (count: number, type?: string, bytes?: number) => void;
}

/** A broker on a free port that ends with the test. */
export async function startBroker(
  given: Partial<BrokerOptions> & { source?: MemorySource; cursors?: MemoryCursors } = {},
): Promise<TestBroker> {
  const source = given.source ?? new MemorySource();
  const cursors = given.cursors ?? new MemoryCursors();
  const counters = new MemoryCounters();
  const { tables = memoryTables() } = given;
  const fixed = { site: SITE, gateway: GATEWAY, listeners: [LISTENERS.tcp], accounts, log: silent };
  const broker = await createBroker({ ...fixed, counters, ...given, source, cursors, tables });
  onTestFinished(() => broker.close());
  return {
    ...broker,
    source,
    cursors,
    counters,
    emit: (count, type, bytes) => {
      broker.committed(source.commit(count, type, bytes));
    },
  };
}

/** As mqtt.js has them, and with a name or password of undefined none is sent. */
export type LoginOptions = Omit<IClientOptions, 'username' | 'password'> & {
  readonly username?: string | undefined;
  readonly password?: string | Buffer | undefined;
};

/** An MQTT client that is connected, does not reconnect by itself, and ends with the test. */
export async function connect(broker: Broker, options: LoginOptions = {}): Promise<MqttClient> {
  const login = { username: 'sub', password: PASSWORD, ...options };
  const client = mqtt.connect({ ...loopback(broker), ...login } as IClientOptions);
  onTestFinished(() => {
    client.end(true);
  });
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
    client.once('close', () => {
      reject(new Error('closed before CONNACK'));
    });
  });
  client.on('error', () => undefined);
  return client;
}

/** The CONNACK return code with which a connection is refused. */
export async function refusal(broker: Broker, options: LoginOptions): Promise<number | undefined> {
  try {
    await connect(broker, options);
  } catch (error) {
    return (error as { code?: number }).code;
  }
  return 0;
}

function loopback(broker: Broker): IClientOptions {
  return {
    host: '127.0.0.1',
    port: broker.port,
    protocol: 'mqtt',
    reconnectPeriod: 0,
    connectTimeout: 10_000,
  };
}

/** The next message a client receives, as its packet. */
export function nextMessage(client: MqttClient): Promise<IPublishPacket> {
  return new Promise((resolve) => {
    client.once('message', (_topic, _payload, packet) => {
      resolve(packet);
    });
  });
}

/** Resolves when the client's connection has ended. */
export function ended(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', resolve);
  });
}

/** Collects the payloads of what a client receives, as text. */
export class Inbox {
  readonly received: { readonly topic: string; readonly text: string; readonly dup: boolean }[] = [];
  private check: () => void = () => undefined;

  constructor(client: MqttClient) {
    client.on('message', (topic, payload, { dup }) => {
      this.received.push({ topic, text: payload.toString(), dup });
      this.check();
    });
  }

  get numbers(): number[] {
    return this.received.map(({ text }) => Number(text));
  }

  /** Resolves once so many have arrived. */
  async count(expected: number): Promise<void> {
    if (this.received.length >= expected) return;
    await new Promise<void>((resolve) => {
      this.check = () => {
        if (this.received.length >= expected) resolve();
      };
    });
  }
}

/** The numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** A bare connection, for what a proper client would never send. */
export async function rawSocket(broker: Broker): Promise<Socket> {
  const socket = connectSocket({ host: '127.0.0.1', port: broker.port });
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

/** A client that acknowledges nothing of itself. */
export class BareClient {
  readonly publishes: IPublishPacket[] = [];
  private readonly answers: Packet[] = [];
  private readonly counts = new Map<Packet['cmd'], number>();

  private constructor(readonly socket: Socket) {
    const reader = parser();
    reader.on('packet', (packet) => {
      if (packet.cmd === 'publish') this.publishes.push(packet);
      else this.answers.push(packet);
      this.counts.set(packet.cmd, this.answered(packet.cmd) + 1);
    });
    socket.on('data', (bytes) => {
      reader.parse(bytes);
    });
  }

  /** Logs in as `sub`. @returns the client and its CONNACK */
  static async open(
    broker: Broker,
    clientId: string,
    clean: boolean,
  ): Promise<[BareClient, Packet | undefined]> {
    const client = new BareClient(await rawSocket(broker));
    const login = { clientId, clean, keepalive: 600, username: 'sub', password: Buffer.from(PASSWORD) };
    return [client, await client.ask({ cmd: 'connect', protocolVersion: 4, protocolId: 'MQTT', ...login })];
  }

  subscribe(topic: string, qos: 0 | 1 | 2): Promise<Packet | undefined> {
    return this.ask({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
  }

  /** How many packets of a kind have come. */
  answered(kind: Packet['cmd']): number {
    return this.counts.get(kind) ?? 0;
  }

  /** Acknowledges one publish. */
  acknowledge({ messageId = 0 }: IPublishPacket): void {
    this.socket.write(generate({ cmd: 'puback', messageId }));
  }

  private async ask(packet: Packet): Promise<Packet | undefined> {
    this.socket.write(generate(packet));
    await until(() => this.answers.length > 0);
    return this.answers.shift();
  }
}

/** Resolves once the other side has closed the connection. */
export async function closed(socket: Socket): Promise<void> {
  socket.resume();
  // A reset is an end too, of which `once` would make an error.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

/** Turns of the event loop until something holds; the test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}
