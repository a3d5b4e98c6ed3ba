/** A community centre for tests and benchmarks: the real programs, on real pseudo-terminals, in a folder of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  EventVerifier,
  gatewayTopics,
  type HelpHeard,
  openIssuerCertificate,
  TrustStore,
  type VerifiedEvent,
} from '@timeband/protocol';
import { Child, type JsonObject, runJson } from '@timeband/simulator';
import { connectAsync, type MqttClient } from 'mqtt';

export const SITE = 'dahaiyang';
export const GATEWAY = 'gw-1';

/** Programs run from what `npm run build` made, wherever this file itself runs from. */
const ROOT = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url),
);
export const GATEWAY_BIN = join(ROOT, 'gateway/bin/timeband-gateway.js');
export const BANDSIM_BIN = join(ROOT, 'simulator/bin/bandsim.js');
export const BANDCTL_BIN = join(ROOT, 'firmware-tools/bin/bandctl.js');

export interface GatewayProcess {
  readonly child: Child;
  readonly port: number;
  readonly readyMs: number;
}

/** An MQTT client that verifies what it gets, as {@link Centre.subscribe} made it. */
export interface VerifyingClient {
  readonly mqtt: MqttClient;
  /** Every event message received, in order, verified. */
  readonly events: VerifiedEvent[];
  /** Calls for help that were heard in the air, before anything proves them. */
  readonly calls: HelpHeard[];
  /** Messages that did not verify. */
  readonly bad: string[];
  /** Resolves once `events` satisfies the condition. */
  readonly until: (condition: (events: readonly VerifiedEvent[]) => boolean) => Promise<void>;
}

export class Centre {
  readonly dir: string;
  readonly readerDir: string;
  readonly files: Readonly<Record<string, string>>;
  readonly password: string;
  private readonly children: Child[] = [];
  private readonly clients: MqttClient[] = [];
  private readonly others: Centre[] = [];
  private port = 0;

  private constructor(files: JsonObject, account: JsonObject, dir: string) {
    this.dir = dir;
    this.readerDir = join(dir, 'readers');
    this.files = files as Readonly<Record<string, string>>;
    this.password = String(account['password']);
  }

  /** Makes the site and an account; starts nothing. `mqttPort` 0 takes a free one at each start. */
  static async create(mqttPort = 0): Promise<Centre> {
    const dir = mkdtempSync(join(tmpdir(), 'timeband-test-'));
    const readers = join(dir, 'readers');
    mkdirSync(readers);
    const files = await runJson([
      GATEWAY_BIN,
      ...['init', join(dir, 'site'), '--json', '--site', SITE, '--gateway', GATEWAY],
      ...['--link', `${readers}/*`, '--mqtt-port', String(mqttPort)],
    ]);
    const account = await runJson([
      GATEWAY_BIN,
      ...['user', 'add', 'display', '--role', 'subscriber', '--config', String(files['config']), '--json'],
    ]);
    return new Centre(files, account, dir);
  }

  /** The same centre with the box that another configuration is of; it ends with this one. */
  at(config: string): Centre {
    const other = new Centre({ ...this.files, config }, { password: this.password }, this.dir);
    this.others.push(other);
    return other;
  }

  private file(name: string): string {
    const file = this.files[name];
    if (file === undefined) throw new Error(`init made no ${name}`);
    return file;
  }

  get config(): string {
    return this.file('config');
  }

  get issuerCertificate(): string {
    return this.file('issuerCertificate');
  }

  get issuerKey(): string {
    return this.file('issuerKey');
  }

  async startGateway(): Promise<GatewayProcess> {
    const child = new Child(
      'the gateway',
      [GATEWAY_BIN, 'run', '--config', this.config],
      join(this.dir, 'gateway.log'),
    );
    this.children.push(child);
    const { port, readyMs } = await child.expect((message) =>
      message['ready'] === true
        ? { port: Number((message['mqtt'] as JsonObject)['port']), readyMs: Number(message['readyMs']) }
        : undefined,
    );
    this.port = port;
    return { child, port, readyMs };
  }

  /** What the gateway wrote to its log so far, a JSON object a line. */
  gatewayLog(): JsonObject[] {
    return readFileSync(join(this.dir, 'gateway.log'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as JsonObject);
  }

  /** Starts `bandsim reader` and waits until its pseudo-terminal is there. */
  async startReader(id: string, args: readonly string[] = []): Promise<Child> {
    const child = new Child(
      id,
      [
        BANDSIM_BIN,
        ...['reader', '--json', '--site', SITE, '--id', id, '--issuer-key', this.issuerKey],
        ...['--link', join(this.readerDir, id), ...args],
      ],
      join(this.dir, `${id}.log`),
    );
    this.children.push(child);
    await child.expect((message) => (message['event'] === 'ready' ? true : undefined));
    return child;
  }

  /** `timeband-gateway status --json` */
  status(): Promise<JsonObject> {
    return runJson([GATEWAY_BIN, 'status', '--config', this.config, '--json']);
  }

  /** Connects with the display's account and a session that outlives connections. */
  async subscribe(clientId = 'display'): Promise<VerifyingClient> {
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${this.port}`, {
      clientId,
      clean: false,
      username: 'display',
      password: this.password,
      protocolVersion: 4,
      reconnectPeriod: 100,
    });
    this.clients.push(mqtt);
    const issuer = openIssuerCertificate(readFileSync(this.file('issuerCertificate')));
    const verifier = new EventVerifier();
    const topics = gatewayTopics(SITE, GATEWAY);
    const events: VerifiedEvent[] = [];
    const calls: HelpHeard[] = [];
    const bad: string[] = [];
    const waiting = new Set<() => void>();
    const certified = new Promise<void>((resolve) => {
      mqtt.on('message', (topic, payload) => {
        if (topic === topics.certificate) {
          const now = Math.floor(Date.now() / 1_000);
          verifier.trust(
            new TrustStore([issuer.key]).verify(payload, { roles: ['gateway'], site: SITE, now }),
          );
          resolve();
          return;
        }
        try {
          if (topic === topics.help) calls.push(JSON.parse(payload.toString()) as HelpHeard);
          else events.push(verifier.verify(payload));
        } catch (error) {
          bad.push((error as Error).message);
        }
        for (const look of waiting) look();
      });
    });
    await mqtt.subscribeAsync(topics.certificate, { qos: 1 });
    await certified;
    await mqtt.subscribeAsync([topics.events, topics.help], { qos: 1 });
    const until = (condition: (events: readonly VerifiedEvent[]) => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(events)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    return { mqtt, events, calls, bad, until };
  }

  /** Ends everything that still runs and removes the folder. */
  async close(): Promise<void> {
    for (const other of this.others) await other.stop();
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.endAsync(true)));
    await Promise.all(this.children.map((child) => child.end()));
  }
}
